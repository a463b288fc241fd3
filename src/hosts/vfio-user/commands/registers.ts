import { struct } from '../../../core/struct.ts';

/**
 * The messages of vfio-user (QEMU, docs/interop/vfio-user.rst), in the byte order of the host, which is little-endian
 * wherever this host runs.
 */

/** The header of every message. */
export const header = struct('vfio_user_header', 'le', {
  message_id: 'u16',
  command: 'u16',
  message_size: 'u32',
  flags: 'u32',
  error: 'u32',
});
export const FLAGS = { type: 0xf, reply: 1, noReply: 0x10, error: 0x20 } as const;

export const COMMANDS = {
  VERSION: 1,
  DMA_MAP: 2,
  DMA_UNMAP: 3,
  DEVICE_GET_INFO: 4,
  DEVICE_GET_REGION_INFO: 5,
  DEVICE_GET_IRQ_INFO: 7,
  DEVICE_SET_IRQS: 8,
  REGION_READ: 9,
  REGION_WRITE: 10,
  /** The one command that this end sends to the client. */
  DMA_WRITE: 12,
  DEVICE_RESET: 13,
  REGION_WRITE_MULTI: 15,
} as const;

/** JSON and a NUL follow. */
export const version = struct('vfio_user_version', 'le', { major: 'u16', minor: 'u16' });

export const dma_map = struct('vfio_user_dma_map', 'le', {
  argsz: 'u32',
  flags: 'u32',
  offset: 'u64',
  address: 'u64',
  size: 'u64',
});
export const MAP = { readable: 1, writeable: 2 } as const;

export const dma_unmap = struct('vfio_user_dma_unmap', 'le', {
  argsz: 'u32',
  flags: 'u32',
  address: 'u64',
  size: 'u64',
});
/** As in Linux's VFIO: everything is unmapped, and address and size are ignored. */
export const UNMAP_ALL = 2;

export const device_info = struct('vfio_device_info', 'le', {
  argsz: 'u32',
  flags: 'u32',
  num_regions: 'u32',
  num_irqs: 'u32',
});
export const DEVICE_FLAGS = { reset: 1, pci: 2 } as const;

export const region_info = struct('vfio_region_info', 'le', {
  argsz: 'u32',
  flags: 'u32',
  index: 'u32',
  cap_offset: 'u32',
  size: 'u64',
  offset: 'u64',
});
export const REGION_FLAGS = { read: 1, write: 2 } as const;
/** The six base addresses are regions 0 to 5. */
export const REGIONS = { config: 7, count: 9 } as const;

export const irq_info = struct('vfio_irq_info', 'le', {
  argsz: 'u32',
  flags: 'u32',
  index: 'u32',
  count: 'u32',
});
export const IRQ_FLAGS = { eventfd: 1, maskable: 2, automasked: 4 } as const;
/** `error` is present but never signalled: QEMU warns of a device without. */
export const IRQS = { intx: 0, msi: 1, msix: 2, error: 3, count: 5 } as const;

/** Booleans follow, if `flags` say so, a byte each. */
export const irq_set = struct('vfio_irq_set', 'le', {
  argsz: 'u32',
  flags: 'u32',
  index: 'u32',
  start: 'u32',
  count: 'u32',
});
export const IRQ_DATA = { none: 1, bool: 2, eventfd: 4, all: 7 } as const;
export const IRQ_ACTION = { mask: 8, unmask: 16, trigger: 32, all: 56 } as const;

/** The written data follows, and in a reply the read data. */
export const region_access = struct('vfio_user_region_access', 'le', {
  offset: 'u64',
  region: 'u32',
  count: 'u32',
});

/** The written data follows. */
export const dma_write = struct('vfio_user_dma_write', 'le', { address: 'u64', count: 'u64' });

/** This many of `region_write` follow. */
export const write_multi = struct('vfio_user_write_multi', 'le', { wr_cnt: 'u64' });
/** Only the first `count` bytes of the data are valid. */
export const region_write = struct('vfio_user_region_write', 'le', {
  offset: 'u64',
  region: 'u32',
  count: 'u32',
  data: { bytes: 8 },
});
