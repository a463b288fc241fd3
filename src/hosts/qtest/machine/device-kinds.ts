/** The kinds of devices of `-device` and `device_add`. */
export type DeviceKind = 'net' | 'adapter' | 'disk' | 'cd' | 'rng' | 'balloon' | 'serial';

const KINDS: Readonly<Record<DeviceKind, readonly string[]>> = {
  net: ['virtio-net-pci', 'virtio-net-pci-transitional', 'virtio-net-pci-non-transitional', 'virtio-net'],
  adapter: [
    'virtio-scsi-pci',
    'virtio-scsi-pci-transitional',
    'virtio-scsi-pci-non-transitional',
    'virtio-scsi',
  ],
  disk: ['scsi-hd', 'scsi-disk'],
  cd: ['scsi-cd'],
  rng: ['virtio-rng-pci', 'virtio-rng-pci-transitional', 'virtio-rng-pci-non-transitional', 'virtio-rng'],
  balloon: [
    'virtio-balloon-pci',
    'virtio-balloon-pci-transitional',
    'virtio-balloon-pci-non-transitional',
    'virtio-balloon',
  ],
  serial: ['isa-serial'],
};

/** By the name of its driver; undefined for a device that is not modelled. */
export function kindOf(driver: string | undefined): DeviceKind | undefined {
  const kinds = Object.keys(KINDS) as DeviceKind[];
  return kinds.find((kind) => KINDS[kind].includes(driver ?? ''));
}

/** The first name of each. */
export const DRIVERS: readonly string[] = Object.values(KINDS).map(([first]) => first!);
