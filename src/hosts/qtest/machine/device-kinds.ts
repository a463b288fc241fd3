import { VIRTIO_DEVICES } from '../../../machine/devices/index.ts';

const ON_PCI = /(?<=^virtio-\w+)-pci(-transitional|-non-transitional)?$/;
const VIRTIO = VIRTIO_DEVICES.map(({ virtio }) => virtio.driver);
const OTHERS = ['scsi-hd', 'scsi-disk', 'scsi-cd', 'isa-serial'] as const;
/** A device that is not like other virtio devices: its properties are its own. */
export type OwnKind = (typeof OTHERS)[number] | 'virtio-net' | 'virtio-scsi';

/**
 * The kind of a device of `-device` or `device_add`: QEMU's name of its driver, of a virtio device without the bus;
 * undefined for a device that is not modelled.
 */
export function kindOf(driver: string | undefined): string | undefined {
  const kind = driver?.replace(ON_PCI, '');
  return [...VIRTIO, ...OTHERS].find((one) => one === kind);
}

/** QEMU's names of all drivers. */
export const DRIVERS: readonly string[] = [...VIRTIO.map((driver) => `${driver}-pci`), ...OTHERS];
