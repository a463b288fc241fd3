import { type Register, register } from '../../../core/register.ts';
import { struct } from '../../../core/struct.ts';

/** Base of modern device IDs: the virtio device type is added (virtio 1.4, PCI Device Discovery). */
export const MODERN_ID = 0x1040;

/** A vendor capability that locates a structure (virtio 1.4, Virtio Structure PCI Capabilities). */
export const virtio_pci_cap = struct('virtio_pci_cap', 'le', {
  cap_vndr: 'u8',
  cap_next: 'u8',
  cap_len: 'u8',
  cfg_type: 'u8',
  bar: 'u8',
  id: 'u8',
  padding: { bytes: 2 },
  offset: 'u32',
  length: 'u32',
});
export const VIRTIO_PCI_CAP = { COMMON: 1, NOTIFY: 2, ISR: 3, DEVICE: 4, PCI: 5 } as const;

/** The same as registers in configuration space; offsets count from the start of the capability. */
export const CAP_LEN = register('cap_len', 2, 1, { BYTES: { at: [7, 0], access: 'ro' } });
export const CFG_TYPE = register('cfg_type', 3, 1, { TYPE: { at: [7, 0], access: 'ro' } });
export const CAP_BAR = register('bar', 4, 1, { INDEX: { at: [7, 0], access: 'ro' } });
export const CAP_OFFSET = register('offset', 8, 4, { BYTES: { at: [31, 0], access: 'ro' } });
export const CAP_LENGTH = register('length', 12, 4, { BYTES: { at: [31, 0], access: 'ro' } });
/** End of the notify capability: a queue's address is queue_notify_off times this from the structure's start. */
export const NOTIFY_OFF_MULTIPLIER = register('notify_off_multiplier', 16, 4, {
  BYTES: { at: [31, 0], access: 'ro' },
});
/** The window through configuration space: an access to this one acts on the BAR, at `offset`, `length` bytes wide. */
export const PCI_CFG_DATA = register('pci_cfg_data', 16, 4, { DATA: { at: [31, 0] } });

/** Common configuration (virtio 1.4, Common configuration structure layout). */
export const device_feature_select = register('device_feature_select', 0x00, 4, { WORD: { at: [31, 0] } });
export const device_feature = register('device_feature', 0x04, 4, { BITS: { at: [31, 0], access: 'ro' } });
export const driver_feature_select = register('driver_feature_select', 0x08, 4, { WORD: { at: [31, 0] } });
export const driver_feature = register('driver_feature', 0x0c, 4, { BITS: { at: [31, 0] } });
export const config_msix_vector = register(
  'config_msix_vector',
  0x10,
  2,
  { VECTOR: { at: [15, 0] } },
  { reset: 0xffff },
);
export const num_queues = register('num_queues', 0x12, 2, { QUEUES: { at: [15, 0], access: 'ro' } });
export const device_status = register('device_status', 0x14, 1, {
  ACKNOWLEDGE: { at: 0 },
  DRIVER: { at: 1 },
  DRIVER_OK: { at: 2 },
  FEATURES_OK: { at: 3, doc: 'the device drops it when it cannot go along with the features' },
  SUSPEND: { at: 4 },
  DEVICE_NEEDS_RESET: { at: 6, access: 'ro' },
  FAILED: { at: 7 },
});
export const config_generation = register('config_generation', 0x15, 1, {
  COUNT: { at: [7, 0], access: 'ro', doc: 'another number after each change of the device configuration' },
});
export const queue_select = register('queue_select', 0x16, 2, { INDEX: { at: [15, 0] } });
export const queue_size = register('queue_size', 0x18, 2, {
  SIZE: { at: [15, 0], doc: 'the most at reset; 0: no such queue' },
});
export const queue_msix_vector = register(
  'queue_msix_vector',
  0x1a,
  2,
  { VECTOR: { at: [15, 0] } },
  { reset: 0xffff },
);
export const queue_enable = register('queue_enable', 0x1c, 2, {
  ENABLE: { at: [15, 0], doc: 'only 1 is written' },
});
export const queue_notify_off = register('queue_notify_off', 0x1e, 2, {
  OFFSET: { at: [15, 0], access: 'ro' },
});
export const queue_desc = register('queue_desc', 0x20, 4, { LOW: { at: [31, 0] } });
export const queue_desc_high = register('queue_desc (upper half)', 0x24, 4, { HIGH: { at: [31, 0] } });
export const queue_driver = register('queue_driver', 0x28, 4, { LOW: { at: [31, 0] } });
export const queue_driver_high = register('queue_driver (upper half)', 0x2c, 4, { HIGH: { at: [31, 0] } });
export const queue_device = register('queue_device', 0x30, 4, { LOW: { at: [31, 0] } });
export const queue_device_high = register('queue_device (upper half)', 0x34, 4, { HIGH: { at: [31, 0] } });
export const queue_notif_config_data = register('queue_notif_config_data', 0x38, 2, {
  DATA: { at: [15, 0], access: 'ro', doc: 'what a kick writes with NOTIF_CONFIG_DATA' },
});
export const queue_reset = register('queue_reset', 0x3a, 2, {
  RESET: { at: [15, 0], doc: 'with RING_RESET; reads 0 when the reset is done' },
});
export const admin_queue_index = register('admin_queue_index', 0x3c, 2, {
  INDEX: { at: [15, 0], access: 'ro', doc: 'with ADMIN_VQ: the first administration virtqueue' },
});
export const admin_queue_num = register('admin_queue_num', 0x3e, 2, {
  QUEUES: { at: [15, 0], access: 'ro', doc: 'how many of them there are' },
});
/** The registers of the selected queue that a driver writes. */
export const QUEUE_REGISTERS: readonly Register[] = [
  queue_size,
  queue_msix_vector,
  queue_enable,
  queue_desc,
  queue_desc_high,
  queue_driver,
  queue_driver_high,
  queue_device,
  queue_device_high,
  queue_reset,
];
/** Length of the structure without further features, with two queue registers, and with those of ADMIN_VQ. */
export const COMMON_LENGTH = { basic: 0x38, full: 0x3c, admin: 0x40 } as const;

/** All registers of the common configuration, by offset. */
export const COMMON = [
  device_feature_select,
  device_feature,
  driver_feature_select,
  driver_feature,
  config_msix_vector,
  num_queues,
  device_status,
  config_generation,
  queue_select,
  queue_size,
  queue_msix_vector,
  queue_enable,
  queue_notify_off,
  queue_desc,
  queue_desc_high,
  queue_driver,
  queue_driver_high,
  queue_device,
  queue_device_high,
  queue_notif_config_data,
  queue_reset,
  admin_queue_index,
  admin_queue_num,
] as const;

/** ISR status, a structure of its own: one byte, which reading clears. */
export const isr_status = register('ISR', 0x00, 1, {
  QUEUE: { at: 0, access: 'rc' },
  CONFIG: { at: 1, access: 'rc' },
});

/** With NOTIF_CONFIG_DATA, a kick of queue n writes this plus n: a value that is not a queue index. */
const NOTIF_DATA_BASE = 0x4e00;

export function notifConfigData(index: number): number {
  return NOTIF_DATA_BASE + index;
}

/** What a kick writes with NOTIFICATION_DATA (virtio 1.4, Available Buffer Notifications). */
export const NOTIFICATION = register('notification data', 0, 4, {
  VQ: { at: [15, 0], doc: 'queue index, or queue_notif_config_data' },
  NEXT_OFF: { at: [30, 16], doc: 'where the next available entry will stand' },
  NEXT_WRAP: { at: 31, doc: 'packed: the wrap counter of that place; split: bit 15 of avail.idx' },
});
