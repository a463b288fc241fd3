import type { Clause } from './shape.ts';

/** Rules for every virtio driver, with the labels of the standard's own conformance clauses; IMP marks what its tables and layouts imply. */
export const virtio = {
  'virtio/RFEAT-D4': {
    strength: 'MUST',
    where: 'virtio 1.4, Reserved Feature Bits',
    text: 'Without ACCESS_PLATFORM offered, pass plain physical addresses',
    advice: 'Give the device guest physical addresses of RAM, all 64 bits of them.',
  },
  'virtio/VQ-SPLIT-LEG-D4': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interfaces: A Note on Virtqueue Endianness',
    text: "Under the legacy interface, ring fields are in the guest's own byte order",
    advice: 'Store ring fields without swapping: only the modern interface is little-endian for every guest.',
  },
  'virtio/VQ-FRAME-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Message Framing',
    text: 'All device-writable elements after all device-readable ones',
    advice: 'List the buffers the device reads first, then those it writes.',
  },
  'virtio/VQ-DESC-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'Total chain length at most 2^32 bytes; no loops',
    advice: 'End each chain with a descriptor whose NEXT flag is clear.',
  },
  'virtio/VQ-IND-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (split)',
    text: 'No INDIRECT flag unless INDIRECT_DESC was negotiated',
  },
  'virtio/VQ-IND-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (split)',
    text: 'No INDIRECT flag inside an indirect table',
  },
  'virtio/VQ-IND-D3': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (split)',
    text: 'Chain not longer than the Queue Size',
  },
  'virtio/VQ-IND-D4': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (split)',
    text: 'INDIRECT and NEXT never together in one descriptor',
  },
  'virtio/VQ-AVAIL-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Available Ring',
    text: 'Never move avail.idx backwards',
    advice: 'Let avail.idx only grow, modulo 65536, by the number of chains added.',
  },
  'virtio/VQ-USEDSUP-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Used Buffer Notification Suppression',
    text: 'Without EVENT_IDX, avail.flags is 0 or 1',
  },
  'virtio/VQ-USEDSUP-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Used Buffer Notification Suppression',
    text: 'With EVENT_IDX, avail.flags is 0',
  },
  'virtio/VQ-AVSUP-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Available Buffer Notification Suppression',
    text: 'Zero used.flags when allocating the used ring',
    advice: 'Zero the ring before giving its address to the device.',
  },
  'virtio/VQ-IMP-3': {
    strength: 'MUST',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A head or next index is below the queue size, or the length of its indirect table',
    advice: 'Take indexes modulo the queue size: a corrupted free list is the usual cause.',
  },
  'virtio/VQ-IMP-4': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Available Ring',
    text: 'A descriptor is not made available again while the device still has it',
    advice: 'Free a chain only when it came back in the used ring.',
  },
  'virtio/VQ-IMP-13': {
    strength: 'MUST',
    where: 'virtio 1.4, Indirect Descriptors',
    text: 'The length of an indirect table is a multiple of 16 and not 0',
    advice: 'Write the number of entries times 16 into len.',
  },
  'virtio/VQ-IMP-21': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A buffer of zero length is not offered',
    advice: 'Leave empty buffers out of the chain.',
  },
} as const satisfies Record<string, Clause>;
