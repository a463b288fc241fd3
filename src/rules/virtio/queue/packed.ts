import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import { faultless, type RingKnows, type RingMoment, ringText } from './knows.ts';

const LISTS = 'virtio 1.4, Scatter-Gather Support (packed)';
const INDIRECT = 'virtio 1.4, Indirect Descriptors (packed)';

/** Rules of a packed ring. */
export const PACKED = {
  'virtio/VQ-PACKED-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Virtqueues (packed)',
    text: 'Align descriptor ring to 16 and both event structures to 4',
    advice: 'Allocate the ring to 16 bytes and the two event structures to 4.',
    on: ['placed', 'ring unaligned'],
    kept: faultless,
    said: (k) => `the ring at ${k.value.toString(16)}, or one of its event structures, is not aligned`,
  },
  'virtio/PACKED-SG-D2': {
    strength: 'MUST NOT',
    where: LISTS,
    text: 'List not longer than the Queue Size (so no loops)',
    advice: 'Clear NEXT in the last element of the list.',
    on: ['chain', 'list too long'],
    when: isList,
    kept: faultless,
    said: (k) => `a list from descriptor ${k.slot} is longer than the ring`,
    facts: ringText,
  },
  'virtio/PACKED-SG-D3': {
    strength: 'MUST',
    where: LISTS,
    text: 'Device-writable elements after device-readable ones',
    advice: 'List the buffers the device reads first, then those it writes.',
    on: ['chain', 'buffer misplaced'],
    when: (k) => k.many && k.writes,
    kept: faultless,
    said: (k) => `descriptor ${k.slot} is readable and follows a writable one`,
    facts: ringText,
  },
  'virtio/PACKED-SG-D6': {
    strength: 'MUST NOT',
    where: LISTS,
    text: 'Do not expose the head before the rest of the list',
    advice: 'Write the flags of the head last, behind a barrier.',
    on: ['chain', 'list unfinished'],
    follows: ['virtio/PACKED-SG-D4', 'virtio/PACKED-SG-D5', 'virtio/PACKED-DESC-D2'],
    when: isList,
    kept: faultless,
    said: (k) => `descriptor ${k.slot} of a list is not available, though its head is`,
    facts: ringText,
  },
  'virtio/PACKED-IND-D1': {
    strength: 'MUST NOT',
    where: INDIRECT,
    text: 'No INDIRECT flag unless INDIRECT_DESC was negotiated',
    advice: 'Accept INDIRECT_DESC (28) if it is offered, or list the buffers in the ring itself.',
    on: ['chain', 'table unasked'],
    when: (k) => !k.tables,
    kept: faultless,
    said: () => 'a descriptor has INDIRECT, and INDIRECT_DESC was not negotiated',
    facts: ringText,
  },
  'virtio/PACKED-IND-D2': {
    strength: 'MUST NOT',
    where: INDIRECT,
    text: 'Only the WRITE flag may be set inside an indirect table',
    advice:
      "Leave every flag of a table's entries clear but WRITE: the length of the table says where it ends.",
    on: ['chain', 'table flags'],
    when: (k) => k.table,
    kept: faultless,
    said: (k) => `entry ${k.slot} of an indirect table has flags ${hex(k.value, 4)}`,
    facts: ringText,
  },
  'virtio/PACKED-IND-D4': {
    strength: 'MUST NOT',
    where: INDIRECT,
    text: 'No INDIRECT descriptor within a NEXT-linked list',
    advice: 'Let a descriptor that points to a table be the whole buffer, without NEXT before or in it.',
    on: ['chain', 'table in list'],
    when: (k) => k.table,
    kept: faultless,
    said: () => 'an INDIRECT descriptor stands in a list of several',
    facts: ringText,
  },
  'virtio/PACKED-IMP-8': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packed Virtqueues',
    text: 'A buffer id is not used again while its buffer is outstanding',
    advice: 'Take ids from a free list, and return one when its used descriptor was read.',
    on: ['chain', 'id in flight'],
    when: (k) => k.others,
    kept: faultless,
    // A driver that runs ahead does so with every id: that is one mistake.
    said: () => 'a buffer id is used while it is outstanding',
    facts: (k) => [`buffer id ${k.value} is outstanding`, ...ringText(k)],
  },
  'virtio/PACKED-IMP-11': {
    strength: 'MUST',
    where: 'virtio 1.4, Event Suppression Structure Format',
    text: 'The flags of the event structure are 0, 1 or, with EVENT_IDX, 2; reserved bits are 0',
    advice:
      'Write 0 (interrupt), 1 (do not) or, with EVENT_IDX, 2 (at one descriptor) to flags, and nothing else.',
    on: 'dry',
    kept: (k) => k.flags <= (k.eventIdx ? 2 : 1),
    said: (k) => `the flags of the driver's event structure are ${k.flags}`,
    once: true,
  },
} as const satisfies Rules<RingKnows, RingMoment>;

function isList(k: RingKnows): boolean {
  return k.many && (k.broke !== null || !k.table);
}
