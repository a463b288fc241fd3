import { register } from '../core/register.ts';
import { struct } from '../core/struct.ts';

/** PCI identity (virtio 1.4, PCI Device Discovery). */
export const VIRTIO_VENDOR_ID = 0x1af4;
/** Virtio device types, and the transitional PCI device ID of each. */
export const VIRTIO_ID = { net: 1, block: 2, console: 3, rng: 4, balloon: 5, scsi: 8 } as const;
export const TRANSITIONAL_ID = {
  net: 0x1000,
  block: 0x1001,
  balloon: 0x1002,
  console: 0x1003,
  scsi: 0x1004,
  rng: 0x1005,
} as const;

/** Device Status Field. */
export const DEVICE_STATUS = register('Device Status', 0x12, 1, {
  ACKNOWLEDGE: { at: 0, doc: 'the guest saw a virtio device' },
  DRIVER: { at: 1, doc: 'the guest has a driver for it' },
  DRIVER_OK: { at: 2, doc: 'set-up is done, queues are live' },
  FEATURES_OK: { at: 3, doc: 'negotiation is closed; not on a legacy device' },
  SUSPEND: { at: 4 },
  DEVICE_NEEDS_RESET: { at: 6, doc: 'the device cannot go on' },
  FAILED: { at: 7, doc: 'the guest gave up' },
});

/** Legacy header behind BAR0 (virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout). */
export const DEVICE_FEATURES = register('Device Features', 0x00, 4, { BITS: { at: [31, 0], access: 'ro' } });
export const DRIVER_FEATURES = register('Driver Features', 0x04, 4, { BITS: { at: [31, 0] } });
export const QUEUE_ADDRESS = register('Queue Address', 0x08, 4, {
  PFN: { at: [31, 0], doc: 'guest address / 4096' },
});
export const QUEUE_SIZE = register('Queue Size', 0x0c, 2, {
  SIZE: { at: [15, 0], access: 'ro', doc: '0: no such queue' },
});
export const QUEUE_SELECT = register('Queue Select', 0x0e, 2, { INDEX: { at: [15, 0] } });
export const QUEUE_NOTIFY = register('Queue Notify', 0x10, 2, { INDEX: { at: [15, 0] } });
export const ISR_STATUS = register(
  'ISR Status',
  0x13,
  1,
  { QUEUE: { at: 0, doc: 'a used ring moved' }, CONFIG: { at: 1, doc: 'the device configuration changed' } },
  { access: 'rc' },
);
export const CONFIG_MSIX_VECTOR = register(
  'Configuration Vector',
  0x14,
  2,
  { VECTOR: { at: [15, 0] } },
  { reset: 0xffff },
);
export const QUEUE_MSIX_VECTOR = register(
  'Queue Vector',
  0x16,
  2,
  { VECTOR: { at: [15, 0] } },
  { reset: 0xffff },
);
/** The legacy header, with the vectors, which are there while MSI-X is enabled. */
export const LEGACY_HEADER = [
  DEVICE_FEATURES,
  DRIVER_FEATURES,
  QUEUE_ADDRESS,
  QUEUE_SIZE,
  QUEUE_SELECT,
  QUEUE_NOTIFY,
  DEVICE_STATUS,
  ISR_STATUS,
  CONFIG_MSIX_VECTOR,
  QUEUE_MSIX_VECTOR,
];
/** Offset of the device configuration: it moves when MSI-X is enabled. */
export const LEGACY_CONFIG = { withoutMsix: 0x14, withMsix: 0x18 } as const;
export const NO_VECTOR = 0xffff;
export const LEGACY_QUEUE_ALIGN = 4096;

/** Device-independent feature bits (virtio 1.4, Reserved Feature Bits). */
export const FEATURE = {
  NOTIFY_ON_EMPTY: 24,
  ANY_LAYOUT: 27,
  INDIRECT_DESC: 28,
  EVENT_IDX: 29,
  UNUSED_30: 30,
  VERSION_1: 32,
  ACCESS_PLATFORM: 33,
  RING_PACKED: 34,
  IN_ORDER: 35,
  ORDER_PLATFORM: 36,
  SR_IOV: 37,
  NOTIFICATION_DATA: 38,
  NOTIF_CONFIG_DATA: 39,
  RING_RESET: 40,
  ADMIN_VQ: 41,
  SUSPEND: 43,
} as const;

/** Bits without a meaning on the modern interface, which does not offer them. */
export const LEGACY_ONLY: readonly number[] = [
  FEATURE.NOTIFY_ON_EMPTY,
  FEATURE.ANY_LAYOUT,
  FEATURE.UNUSED_30,
];

/** In the range of queues and negotiation (24 to 49): bits that no section defines, and reserved bits. */
export const UNDESCRIBED_FEATURES: readonly number[] = [25, 26, 31];
export const RESERVED_FEATURES: readonly number[] = [44, 45, 46, 47, 48, 49];

/** In the upper range of device types, bits that each type leaves undefined. The network device defines all but 58. */
export function foreignFeatures(virtioId: number): readonly number[] {
  return virtioId === VIRTIO_ID.net ? [58] : [50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63];
}

/** Split virtqueue (virtio 1.4, Split Virtqueues). */
export const virtq_desc = struct('virtq_desc', 'le', { addr: 'u64', len: 'u32', flags: 'u16', next: 'u16' });
export const VIRTQ_DESC_F = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;
/** The head of the available ring; `ring[size]` of u16 and `used_event` follow. */
export const virtq_avail = struct('virtq_avail', 'le', { flags: 'u16', idx: 'u16' });
export const VIRTQ_AVAIL_F_NO_INTERRUPT = 1;
/** The head of the used ring; `ring[size]` of `virtq_used_elem` and `avail_event` follow. */
export const virtq_used = struct('virtq_used', 'le', { flags: 'u16', idx: 'u16' });
export const virtq_used_elem = struct('virtq_used_elem', 'le', { id: 'u32', len: 'u32' });
export const VIRTQ_USED_F_NO_NOTIFY = 1;

/** Packed virtqueue (virtio 1.4, Packed Virtqueues): one ring of these, and an event structure for each side. */
export const pvirtq_desc = struct('pvirtq_desc', 'le', { addr: 'u64', len: 'u32', id: 'u16', flags: 'u16' });
export const PVIRTQ_DESC_F = { NEXT: 1, WRITE: 2, INDIRECT: 4, AVAIL: 0x80, USED: 0x8000 } as const;
export const pvirtq_event_suppress = struct('pvirtq_event_suppress', 'le', { desc: 'u16', flags: 'u16' });
export const PVIRTQ_EVENT = { ENABLE: 0, DISABLE: 1, DESC: 2 } as const;
/** Bit 15 of `desc`: the wrap counter of that descriptor. */
export const PVIRTQ_EVENT_WRAP = 0x8000;

/** Byte offsets of the three parts of a legacy queue of `size` entries from its address, and its length. */
export function legacyQueueLayout(size: number): {
  desc: number;
  avail: number;
  used: number;
  bytes: number;
} {
  const up = (bytes: number) => Math.ceil(bytes / LEGACY_QUEUE_ALIGN) * LEGACY_QUEUE_ALIGN;
  const avail = virtq_desc.size * size;
  const used = up(avail + virtq_avail.size + 2 * size + 2);
  return { desc: 0, avail, used, bytes: used + up(virtq_used.size + virtq_used_elem.size * size + 2) };
}
