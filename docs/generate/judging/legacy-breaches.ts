import { type Breach, NOTHING, SERVED } from './breach.ts';

/** By the legacy header, which crosvm, Firecracker and Cloud Hypervisor have not. */
export const LEGACY_BREACHES = {
  'kicks before DRIVER_OK': { told: ['virtio/INIT-D13'], qemu: SERVED },
  'sets neither ACKNOWLEDGE nor DRIVER': {
    told: ['virtio/STATUS-D1'],
    below: ['virtio/INIT-D3', 'virtio/INIT-D7'],
    qemu: SERVED,
  },
  'sets DRIVER_OK alone': { told: ['virtio/STATUS-D1'], qemu: SERVED },
  'leaves bus mastering off': {
    told: ['pci/BUS-MASTER'],
    qemu: 'turns it on itself when the status is written with 03',
  },
  'leaves bus mastering off, and writes 07 to the status at once': {
    told: ['virtio/STATUS-D1', 'pci/BUS-MASTER'],
    below: ['virtio/INIT-D3', 'virtio/INIT-D7'],
    qemu: SERVED,
  },
  'turns bus mastering off while the device runs': {
    told: ['pci/BUS-MASTER'],
    qemu: 'takes DRIVER_OK back; serves nothing',
  },
  'accepts all 32 features': {
    told: ['virtio/FEAT-D1', 'virtio/RFEAT-LEG-D2'],
    qemu: 'takes none of them, because of bit 30',
  },
  'accepts what was not offered, but for bit 30': {
    told: ['virtio/FEAT-D1'],
    qemu: 'takes those that it offered',
  },
  'writes features after DRIVER_OK': { told: ['virtio/INIT-D4'], qemu: SERVED },
  'takes DRIVER_OK back without a reset, and goes on': {
    told: ['virtio/STATUS-D2'],
    below: ['virtio/INIT-D13'],
    qemu: SERVED,
  },
  'writes ff to the status': {
    told: ['virtio/INIT-LEG-D1', 'virtio/SUSP-D1', 'virtio/INIT-IMP-1', 'virtio/INIT-IMP-2'],
    qemu: SERVED,
  },
  'sets FAILED, and goes on': { told: ['virtio/INIT-IMP-1'], qemu: SERVED },
  'moves a ring that is in use': {
    told: ['virtio/INIT-D7'],
    qemu: 'takes the new address; serves nothing of the old ring',
  },
  'lets a ring begin in the last page of RAM': { told: ['virtio/RFEAT-D4'], qemu: NOTHING },
  'puts a ring outside RAM': { told: ['virtio/RFEAT-D4'], qemu: NOTHING },
  'kicks a queue that is not there': { told: ['virtio/PCI-KICK-D3'], qemu: 'nothing' },
  'accesses registers in parts, or several at once': {
    told: ['virtio/PCI-LAYOUT-D3', 'virtio/PCI-LAYOUT-D2', 'virtio/PCI-LAYOUT-D1'],
    qemu: 'answers some, and others with all ones',
  },
  'writes fields of the configuration that are read-only': {
    told: ['virtio/SCSI-CFG-D1'],
    qemu: 'nothing',
  },
  'asks for a vector that the table has not': {
    told: ['virtio/MSIX-D2'],
    qemu: 'reads back ffff, as the standard has it',
  },
} as const satisfies Readonly<Record<string, Breach>>;

export type LegacyBreach = keyof typeof LEGACY_BREACHES;
