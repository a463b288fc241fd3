import type { PciId } from '../../core/driver.ts';
import { TRANSITIONAL_ID, VIRTIO_ID, VIRTIO_VENDOR_ID } from '../../virtio/registers.ts';
import { MODERN_ID } from '../../virtio/transport/modern/registers.ts';

/** Whether it is a virtio function of this type, legacy, transitional or modern, of any revision. */
export function isVirtio({ vendor, device }: PciId, type: keyof typeof VIRTIO_ID): boolean {
  if (vendor !== VIRTIO_VENDOR_ID) return false;
  return device === TRANSITIONAL_ID[type] || device === MODERN_ID + VIRTIO_ID[type];
}
