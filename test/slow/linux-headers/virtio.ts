import * as virtio from '../../../src/virtio/registers.ts';
import { constants, type Row, register, whole } from './rows.ts';

/** Sizes of real devices, and the smallest and the largest there can be. */
const QUEUE_SIZES = [1, 2, 64, 128, 256, 1024, 4096, 8192, 32_768];

export const VIRTIO_ROWS: readonly Row[] = [
  ...constants('VIRTIO_ID', virtio.VIRTIO_ID, {
    net: 'VIRTIO_ID_NET',
    block: 'VIRTIO_ID_BLOCK',
    console: 'VIRTIO_ID_CONSOLE',
    rng: 'VIRTIO_ID_RNG',
    balloon: 'VIRTIO_ID_BALLOON',
    scsi: 'VIRTIO_ID_SCSI',
  }),
  ...constants('TRANSITIONAL_ID', virtio.TRANSITIONAL_ID, {
    net: 'VIRTIO_TRANS_ID_NET',
    block: 'VIRTIO_TRANS_ID_BLOCK',
    balloon: 'VIRTIO_TRANS_ID_BALLOON',
    console: 'VIRTIO_TRANS_ID_CONSOLE',
    scsi: 'VIRTIO_TRANS_ID_SCSI',
    rng: 'VIRTIO_TRANS_ID_RNG',
  }),
  ...register(virtio.DEVICE_STATUS, 'VIRTIO_PCI_STATUS', {
    ACKNOWLEDGE: 'VIRTIO_CONFIG_S_ACKNOWLEDGE',
    DRIVER: 'VIRTIO_CONFIG_S_DRIVER',
    DRIVER_OK: 'VIRTIO_CONFIG_S_DRIVER_OK',
    FEATURES_OK: 'VIRTIO_CONFIG_S_FEATURES_OK',
    SUSPEND: null,
    DEVICE_NEEDS_RESET: 'VIRTIO_CONFIG_S_NEEDS_RESET',
    FAILED: 'VIRTIO_CONFIG_S_FAILED',
  }),
  ...register(virtio.DEVICE_FEATURES, 'VIRTIO_PCI_HOST_FEATURES', { BITS: null }),
  ...register(virtio.DRIVER_FEATURES, 'VIRTIO_PCI_GUEST_FEATURES', { BITS: null }),
  ...register(virtio.QUEUE_ADDRESS, 'VIRTIO_PCI_QUEUE_PFN', { PFN: null }),
  ...register(virtio.QUEUE_SIZE, 'VIRTIO_PCI_QUEUE_NUM', { SIZE: null }),
  ...register(virtio.QUEUE_SELECT, 'VIRTIO_PCI_QUEUE_SEL', { INDEX: null }),
  ...register(virtio.QUEUE_NOTIFY, 'VIRTIO_PCI_QUEUE_NOTIFY', { INDEX: null }),
  ...register(virtio.ISR_STATUS, 'VIRTIO_PCI_ISR', { QUEUE: null, CONFIG: 'VIRTIO_PCI_ISR_CONFIG' }),
  ...register(virtio.CONFIG_MSIX_VECTOR, 'VIRTIO_MSI_CONFIG_VECTOR', { VECTOR: null }),
  ...register(virtio.QUEUE_MSIX_VECTOR, 'VIRTIO_MSI_QUEUE_VECTOR', { VECTOR: null }),
  ...constants('LEGACY_CONFIG', virtio.LEGACY_CONFIG, {
    withoutMsix: 'VIRTIO_PCI_CONFIG_OFF(0)',
    withMsix: 'VIRTIO_PCI_CONFIG_OFF(1)',
  }),
  ['NO_VECTOR', 'VIRTIO_MSI_NO_VECTOR', virtio.NO_VECTOR],
  ['LEGACY_QUEUE_ALIGN', 'VIRTIO_PCI_VRING_ALIGN', virtio.LEGACY_QUEUE_ALIGN],
  ['LEGACY_QUEUE_ALIGN', '1 << VIRTIO_PCI_QUEUE_ADDR_SHIFT', virtio.LEGACY_QUEUE_ALIGN],
  ...constants('FEATURE', virtio.FEATURE, {
    NOTIFY_ON_EMPTY: 'VIRTIO_F_NOTIFY_ON_EMPTY',
    ANY_LAYOUT: 'VIRTIO_F_ANY_LAYOUT',
    INDIRECT_DESC: 'VIRTIO_RING_F_INDIRECT_DESC',
    EVENT_IDX: 'VIRTIO_RING_F_EVENT_IDX',
    UNUSED_30: null,
    VERSION_1: 'VIRTIO_F_VERSION_1',
    ACCESS_PLATFORM: 'VIRTIO_F_ACCESS_PLATFORM',
    RING_PACKED: 'VIRTIO_F_RING_PACKED',
    IN_ORDER: 'VIRTIO_F_IN_ORDER',
    ORDER_PLATFORM: 'VIRTIO_F_ORDER_PLATFORM',
    SR_IOV: 'VIRTIO_F_SR_IOV',
    NOTIFICATION_DATA: 'VIRTIO_F_NOTIFICATION_DATA',
    NOTIF_CONFIG_DATA: 'VIRTIO_F_NOTIF_CONFIG_DATA',
    RING_RESET: 'VIRTIO_F_RING_RESET',
    ADMIN_VQ: 'VIRTIO_F_ADMIN_VQ',
    SUSPEND: null,
  }),
  ...whole(virtio.virtq_desc, 'struct vring_desc'),
  ...whole(virtio.virtq_avail, 'struct vring_avail'),
  ...whole(virtio.virtq_used, 'struct vring_used'),
  ...whole(virtio.virtq_used_elem, 'struct vring_used_elem'),
  ...constants('VIRTQ_DESC_F', virtio.VIRTQ_DESC_F, {
    NEXT: 'VRING_DESC_F_NEXT',
    WRITE: 'VRING_DESC_F_WRITE',
    INDIRECT: 'VRING_DESC_F_INDIRECT',
  }),
  ['VIRTQ_AVAIL_F_NO_INTERRUPT', 'VRING_AVAIL_F_NO_INTERRUPT', virtio.VIRTQ_AVAIL_F_NO_INTERRUPT],
  ['VIRTQ_USED_F_NO_NOTIFY', 'VRING_USED_F_NO_NOTIFY', virtio.VIRTQ_USED_F_NO_NOTIFY],
  ...QUEUE_SIZES.flatMap(queueLayout),
];

/** The header's own `vring_init` lays the queue out; its size ends with the last byte, ours with the last page. */
function queueLayout(size: number): Row[] {
  const { desc, avail, used, bytes } = virtio.legacyQueueLayout(size);
  const name = `legacyQueueLayout(${size})`;
  return [
    [`${name}.desc`, `VRING(${size}, desc)`, desc],
    [`${name}.avail`, `VRING(${size}, avail)`, avail],
    [`${name}.used`, `VRING(${size}, used)`, used],
    [`${name}.bytes`, `(vring_size(${size}, 4096) + 4095) / 4096 * 4096`, bytes],
  ];
}
