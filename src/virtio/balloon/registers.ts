import { struct } from '../../core/struct.ts';

/** virtio-balloon feature bits (virtio 1.4, Traditional Memory Balloon Device / Feature bits). */
export const BALLOON_FEATURE = {
  MUST_TELL_HOST: 0,
  STATS_VQ: 1,
  DEFLATE_ON_OOM: 2,
  FREE_PAGE_HINT: 3,
  PAGE_POISON: 4,
  REPORTING: 5,
} as const;

export const BALLOON_QUEUE = { inflate: 0, deflate: 1, stats: 2 } as const;

/** Device configuration, little-endian for legacy drivers too; a device's features determine its fields. */
export const virtio_balloon_config = struct('virtio_balloon_config', 'le', {
  num_pages: 'u32',
  actual: 'u32',
});

/** Pages are numbered in units of 4 KiB, whatever the guest's page size. */
export const BALLOON_PFN_SHIFT = 12;

/** An entry of a buffer of the statistics queue, in the guest's byte order for legacy drivers. */
export const virtio_balloon_stat = struct('virtio_balloon_stat', 'le', { tag: 'u16', val: 'u64' });

/** Values of `tag`: an amount of memory in bytes, or a count of events. From OOM_KILL on they are Linux's own. */
export const BALLOON_STAT = {
  SWAP_IN: 0,
  SWAP_OUT: 1,
  MAJFLT: 2,
  MINFLT: 3,
  MEMFREE: 4,
  MEMTOT: 5,
  AVAIL: 6,
  CACHES: 7,
  HTLB_PGALLOC: 8,
  HTLB_PGFAIL: 9,
  OOM_KILL: 10,
  ALLOC_STALL: 11,
  ASYNC_SCAN: 12,
  DIRECT_SCAN: 13,
  ASYNC_RECLAIM: 14,
  DIRECT_RECLAIM: 15,
} as const;
export type BalloonStat = keyof typeof BALLOON_STAT;
