import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import { faultless, type RingKnows, type RingMoment, ringText } from './knows.ts';

const LISTS = 'virtio 1.4, Scatter-Gather Support (packed)';
const INDIRECT = 'virtio 1.4, Indirect Descriptors (packed)';

/** Rules of a packed ring. */
export const PACKED = {
  'virtio/VQ-PACKED-D1': {
    where: 'virtio 1.4, Virtqueues (packed)',
    text: 'A driver MUST align a packed descriptor ring to 16 bytes and both event structures to 4.',
    advice: 'Allocate the ring to 16 bytes and the two event structures to 4.',
    on: ['placed', 'ring unaligned'],
    kept: faultless,
    said: (k) => `the ring at ${k.value.toString(16)}, or one of its event structures, is not aligned`,
  },
  'virtio/PACKED-SG-D2': {
    where: LISTS,
    text: 'A driver MUST NOT make a descriptor list longer than the Queue Size, or a loop.',
    advice: 'Clear NEXT in the last element of the list.',
    on: ['chain', 'list too long'],
    when: isList,
    kept: faultless,
    said: (k) => `a list from descriptor ${k.slot} is longer than the ring`,
    facts: ringText,
  },
  'virtio/PACKED-SG-D3': {
    where: LISTS,
    text: 'A driver MUST put device-writable elements of a list after device-readable ones.',
    advice: 'List the buffers that the device reads first, then those that it writes.',
    on: ['chain', 'buffer misplaced'],
    when: (k) => k.many && k.writes,
    kept: faultless,
    said: (k) => `descriptor ${k.slot} is readable and follows a writable one`,
    facts: ringText,
  },
  'virtio/PACKED-SG-D6': {
    where: LISTS,
    text: 'A driver MUST NOT make the head of a list available before the rest of it.',
    advice: 'Write the flags of the head last, behind a barrier.',
    on: ['chain', 'list unfinished'],
    follows: [
      'virtio/PACKED-SG-D4',
      'virtio/PACKED-SG-D5',
      'virtio/PACKED-DESC-D2',
      // What has the wrong wrap counter is not available.
      'virtio/PACKED-IMP-15',
    ],
    when: isList,
    kept: faultless,
    said: (k) => `descriptor ${k.slot} of a list is not available, though its head is`,
    facts: ringText,
  },
  'virtio/PACKED-IND-D1': {
    where: INDIRECT,
    text: 'A driver MUST NOT set INDIRECT in a packed descriptor unless INDIRECT_DESC was negotiated.',
    advice: 'Accept INDIRECT_DESC (28) if it is offered, or list the buffers in the ring itself.',
    on: ['chain', 'table unasked'],
    when: (k) => !k.tables,
    kept: faultless,
    said: () => 'a descriptor has INDIRECT, but INDIRECT_DESC was not negotiated',
    facts: ringText,
  },
  'virtio/PACKED-IND-D2': {
    where: INDIRECT,
    text: 'A driver MUST NOT set a flag other than WRITE in a packed indirect table.',
    advice: "Clear every flag of a table's entries but WRITE: the length of the table says where it ends.",
    on: ['chain', 'table flags'],
    when: (k) => k.table,
    kept: faultless,
    said: (k) => `entry ${k.slot} of an indirect table has flags ${hex(k.value, 4)}`,
    facts: ringText,
  },
  'virtio/PACKED-IND-D4': {
    where: INDIRECT,
    text: 'A driver MUST NOT put an INDIRECT descriptor into a list linked by NEXT.',
    advice: 'Make a descriptor that points to a table the whole buffer, without NEXT before or in it.',
    on: ['chain', 'table in list'],
    when: (k) => k.table,
    kept: faultless,
    said: () => 'an INDIRECT descriptor is in a list of several',
    facts: ringText,
  },
  'virtio/PACKED-IMP-8': {
    where: 'virtio 1.4, Packed Virtqueues',
    text: 'A driver MUST NOT reuse a buffer id while its buffer is outstanding.',
    advice: 'Take ids from a free list, and return one when you have read its used descriptor.',
    on: ['chain', 'id in flight'],
    when: (k) => k.others,
    kept: faultless,
    // A driver that runs ahead does so with every id: that is one mistake.
    said: () => 'a buffer id is used while it is outstanding',
    spoils: true,
    facts: (k) => [`buffer id ${k.value} is outstanding`, ...ringText(k)],
  },
  'virtio/PACKED-IMP-11': {
    where: 'virtio 1.4, Event Suppression Structure Format',
    text: 'A driver MUST write 0, 1 or, with EVENT_IDX, 2 to the flags of its event structure, and 0 to the reserved bits.',
    advice: 'Write only 0 (interrupt), 1 (do not) or, with EVENT_IDX, 2 (at one descriptor) to flags.',
    on: 'dry',
    kept: (k) => k.flags <= (k.eventIdx ? 2 : 1),
    said: (k) => `the flags of the driver's event structure are ${k.flags}`,
    once: true,
  },
} as const satisfies Rules<RingKnows, RingMoment>;

function isList(k: RingKnows): boolean {
  return k.many && (k.broke !== null || !k.table);
}
