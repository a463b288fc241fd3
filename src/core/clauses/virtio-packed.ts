import type { Clause } from './shape.ts';

/** Rules for the packed virtqueue and for used-in-order rings. */
export const packed = {
  'virtio/VQ-DESC-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'IN_ORDER: chained next is x+1, and 0 for the last table slot',
  },
  'virtio/VQ-IND-D5': {
    strength: 'MUST',
    where: 'virtio 1.4, Indirect Descriptors (split)',
    text: 'IN_ORDER: table entries are used one after the other, next = 1, 2 and so on',
  },
  'virtio/VQ-PACKED-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Virtqueues (packed)',
    text: 'Align descriptor ring to 16 and both event structures to 4',
    advice: 'Allocate the ring to 16 bytes and the two event structures to 4.',
  },
  'virtio/PACKED-SG-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Scatter-Gather Support (packed)',
    text: 'List not longer than the Queue Size (so no loops)',
    advice: 'Clear NEXT in the last element of the list.',
  },
  'virtio/PACKED-SG-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Scatter-Gather Support (packed)',
    text: 'Device-writable elements after device-readable ones',
    advice: 'List the buffers the device reads first, then those it writes.',
  },
  'virtio/PACKED-SG-D6': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Scatter-Gather Support (packed)',
    text: 'Do not expose the head before the rest of the list',
    advice: 'Write the flags of the head last, behind a barrier.',
  },
  'virtio/PACKED-IND-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (packed)',
    text: 'No INDIRECT flag unless INDIRECT_DESC was negotiated',
  },
  'virtio/PACKED-IND-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (packed)',
    text: 'Only the WRITE flag may be set inside an indirect table',
  },
  'virtio/PACKED-IND-D4': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (packed)',
    text: 'No INDIRECT descriptor within a NEXT-linked list',
  },
  'virtio/PACKED-IMP-8': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packed Virtqueues',
    text: 'A buffer id is not used again while its buffer is outstanding',
    advice: 'Take ids from a free list, and return one when its used descriptor was read.',
  },
  'virtio/PACKED-IMP-11': {
    strength: 'MUST',
    where: 'virtio 1.4, Event Suppression Structure Format',
    text: 'The flags of the event structure are 0, 1 or, with EVENT_IDX, 2; reserved bits are 0',
  },
} as const satisfies Record<string, Clause>;
