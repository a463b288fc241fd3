import type { Clause } from './shape.ts';

const WHERE = 'Compute Engine: Requirements to build custom images, hardware';

/** What the Compute Engine document says a guest meets. Each is passed by a guest that found and used it. */
export const gce = {
  'gce/HOST-BRIDGE': {
    strength: 'MUST',
    where: WHERE,
    text: 'The host bridge is found: i440FX, revision 02',
  },
  'gce/PIIX4-ISA': { strength: 'MUST', where: WHERE, text: 'The ISA bridge is found: PIIX4, revision 03' },
  'gce/PIIX4-ACPI': { strength: 'MUST', where: WHERE, text: 'The ACPI bridge is found: PIIX4, revision 03' },
  'gce/NET': { strength: 'MUST', where: WHERE, text: 'The network is found: virtio-net, 1af4:1000, type 1' },
  'gce/NET-TRAFFIC': { strength: 'MUST', where: WHERE, text: 'Frames go out and come back, byte for byte' },
  'gce/NET-CSUM': { strength: 'SHOULD', where: WHERE, text: 'Checksum offload is negotiated and used' },
  'gce/NET-TSO4': {
    strength: 'SHOULD',
    where: WHERE,
    text: 'Segmentation offload for TCP over IPv4 is negotiated and used',
  },
  'gce/NET-GRO4': {
    strength: 'SHOULD',
    where: WHERE,
    text: 'Receive offload for TCP over IPv4 is negotiated and used',
  },
  'gce/NET-TSO6': {
    strength: 'SHOULD',
    where: WHERE,
    text: 'Segmentation offload for TCP over IPv6 is negotiated and used',
  },
  'gce/NET-GRO6': {
    strength: 'SHOULD',
    where: WHERE,
    text: 'Receive offload for TCP over IPv6 is negotiated and used',
  },
  'gce/SCSI': {
    strength: 'MUST',
    where: WHERE,
    text: 'The storage is found: virtio-scsi, 1af4:1004, type 8',
  },
  'gce/SCSI-QUEUES': {
    strength: 'MUST',
    where: WHERE,
    text: 'The one request queue is used, beside control and event queue',
  },
  'gce/SCSI-SPC4': {
    strength: 'MUST',
    where: WHERE,
    text: 'INQUIRY tells of SPC-4',
  },
  'gce/SCSI-SBC3': { strength: 'MUST', where: WHERE, text: 'INQUIRY names SBC-3 among its standards' },
  'gce/SCSI-BLOCK-ONLY': {
    strength: 'MUST',
    where: WHERE,
    text: 'Every logical unit is a direct-access block device',
  },
  'gce/SCSI-BLOCKS': {
    strength: 'MUST',
    where: WHERE,
    text: 'READ CAPACITY tells of 512-byte logical and 4096-byte physical blocks',
  },
  'gce/SCSI-READ': { strength: 'MUST', where: WHERE, text: 'The whole disk is read as it is' },
  'gce/SCSI-HOTPLUG': { strength: 'SHOULD', where: WHERE, text: 'The hotplug feature is negotiated' },
  'gce/SERIAL': {
    strength: 'MUST',
    where: WHERE,
    text: 'Four 16550A serial ports are found, on IRQ 4, 3, 6 and 7',
  },
} as const satisfies Record<string, Clause>;
