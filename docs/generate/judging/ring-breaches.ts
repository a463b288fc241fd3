import { DIES, type ModernBreach, SERVED } from './breach.ts';

const STANDS = 'logs; the queue stops';
const BACK = 'logs; gives the chain back empty';
const NOT_A_TABLE = 'takes the table for a buffer';
const ENDS = 'ends the chain there';
const PANICS = 'panics: the monitor ends';
const CORRUPT = 'logs; disk: DEVICE_NEEDS_RESET';

/** In a split ring, of which both interfaces have the same; QEMU was asked by the legacy one. */
export const RING_BREACHES = {
  'puts a buffer to write before one to read': {
    told: ['virtio/VQ-FRAME-D1'],
    qemu: DIES,
    crosvm: STANDS,
    firecracker: 'disk logs, NIC counts; the chain comes back empty',
    cloudHypervisor: BACK,
  },
  'offers a buffer of no bytes': {
    told: ['virtio/VQ-IMP-21'],
    qemu: DIES,
    crosvm: 'passes over it',
    firecracker: 'leaves it to the device; disk logs, if that is the status',
    cloudHypervisor: 'leaves it to the device; disk and NIC log',
  },
  'links a chain to itself': {
    told: ['virtio/VQ-DESC-D1'],
    qemu: DIES,
    crosvm: STANDS,
    firecracker: 'cuts the chain at the size of the ring',
    cloudHypervisor: 'cuts the chain at the size of the ring',
  },
  'links a chain to a descriptor beyond the ring': {
    told: ['virtio/VQ-IMP-3'],
    qemu: DIES,
    crosvm: STANDS,
    firecracker: 'the queue stops',
    cloudHypervisor: ENDS,
  },
  'offers a descriptor beyond the ring': {
    told: ['virtio/VQ-IMP-3'],
    qemu: DIES,
    crosvm: STANDS,
    firecracker: 'the queue stops',
    cloudHypervisor: 'logs; entropy: DEVICE_NEEDS_RESET',
  },
  'gives an address outside RAM': {
    told: ['virtio/RFEAT-D4'],
    qemu: 'goes along: answers that there is no such target',
    crosvm: STANDS,
    firecracker: 'disk logs, NIC counts; the chain comes back empty',
    cloudHypervisor: BACK,
  },
  'gives an address above all RAM': {
    told: ['virtio/RFEAT-D4'],
    qemu: 'goes along; the answer is lost',
    crosvm: STANDS,
    firecracker: 'disk logs, NIC counts; the chain comes back empty',
    cloudHypervisor: BACK,
  },
  'sets flags of a descriptor that mean nothing': {
    told: ['virtio/VQ-IMP-31'],
    qemu: SERVED,
    crosvm: STANDS,
    firecracker: SERVED,
    cloudHypervisor: SERVED,
  },
  'uses a table without INDIRECT_DESC': {
    told: ['virtio/VQ-IND-D1'],
    qemu: SERVED,
    crosvm: STANDS,
    firecracker: NOT_A_TABLE,
    cloudHypervisor: SERVED,
  },
  'links a table to another descriptor': {
    told: ['virtio/VQ-IND-D4'],
    qemu: SERVED,
    crosvm: STANDS,
    firecracker: NOT_A_TABLE,
    cloudHypervisor: 'follows the table alone',
  },
  'puts a table into a table': {
    told: ['virtio/VQ-IND-D2'],
    qemu: SERVED,
    crosvm: STANDS,
    firecracker: NOT_A_TABLE,
    cloudHypervisor: ENDS,
  },
  'uses a table of no bytes': {
    told: ['virtio/VQ-IMP-13'],
    qemu: DIES,
    crosvm: STANDS,
    firecracker: NOT_A_TABLE,
    cloudHypervisor: ENDS,
  },
  'uses a table of 24 bytes': {
    told: ['virtio/VQ-IMP-13'],
    qemu: DIES,
    crosvm: STANDS,
    firecracker: NOT_A_TABLE,
    cloudHypervisor: ENDS,
  },
  'offers one chain twice': {
    told: ['virtio/VQ-IMP-4'],
    below: ['virtio/SCSI-IMP-5'],
    qemu: 'serves it twice',
    crosvm: 'serves it twice',
    firecracker: 'serves it twice',
    cloudHypervisor: CORRUPT,
  },
  'moves avail.idx by more than the size of the ring': {
    told: ['virtio/VQ-AVAIL-D1'],
    qemu: DIES,
    crosvm: 'serves old entries',
    firecracker: PANICS,
    cloudHypervisor: CORRUPT,
  },
  'moves avail.idx back': {
    told: ['virtio/VQ-AVAIL-D1'],
    qemu: DIES,
    crosvm: 'serves old entries',
    firecracker: PANICS,
    cloudHypervisor: CORRUPT,
  },
} as const satisfies Readonly<Record<string, ModernBreach>>;

export type RingBreach = keyof typeof RING_BREACHES;
