import type { Rules } from '../../../core/rule.ts';
import { faultless, type RingKnows, type RingMoment, ringText } from './knows.ts';

const INDIRECT = 'virtio 1.4, Indirect Descriptors (split)';

/** Rules of a split ring: indirect tables, and the order of descriptors with IN_ORDER. */
export const SPLIT_INDIRECT = {
  'virtio/VQ-IND-D1': {
    where: INDIRECT,
    text: 'A driver MUST NOT set INDIRECT in a descriptor unless INDIRECT_DESC was negotiated.',
    advice: 'Accept INDIRECT_DESC (28) if it is offered, or chain the buffers in the ring itself.',
    on: ['chain', 'table unasked'],
    when: (k) => !k.tables,
    kept: faultless,
    said: () => 'a descriptor has INDIRECT, but INDIRECT_DESC was not negotiated',
    facts: ringText,
  },
  'virtio/VQ-IND-D2': {
    where: INDIRECT,
    text: 'A driver MUST NOT set INDIRECT inside an indirect table.',
    advice: 'Put all buffers into one table: tables do not nest.',
    on: ['chain', 'table nested'],
    when: (k) => k.table,
    kept: faultless,
    said: () => 'an indirect table holds a descriptor with INDIRECT',
    facts: ringText,
  },
  'virtio/VQ-IND-D4': {
    where: INDIRECT,
    text: 'A driver MUST NOT set both INDIRECT and NEXT in one descriptor.',
    advice:
      'Make a descriptor that points to a table the last of its chain: clear NEXT, and put what should follow into the table.',
    on: ['chain', 'table with next'],
    when: (k) => k.table,
    kept: faultless,
    said: () => 'a descriptor has both INDIRECT and NEXT',
    facts: ringText,
  },
  'virtio/VQ-IND-D5': {
    where: INDIRECT,
    text: 'A driver with IN_ORDER MUST use the entries of an indirect table in order, with next = 1, 2 and so on.',
    advice: 'With IN_ORDER, fill a table from entry 0 up, with each next one more than its own number.',
    on: ['chain', 'table next astray'],
    when: (k) => k.inOrder && k.table && k.many,
    kept: faultless,
    said: nextOf,
    facts: ringText,
  },
  'virtio/VQ-DESC-D2': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A driver with IN_ORDER MUST set next of descriptor x to x + 1, and to 0 for the last one of the table.',
    advice:
      'With IN_ORDER, take descriptors in a row: next is x + 1, and 0 comes after the last of the table.',
    on: ['chain', 'next astray'],
    when: (k) => k.inOrder && k.many && (k.broke !== null || !k.table),
    kept: faultless,
    said: nextOf,
    facts: ringText,
  },
} as const satisfies Rules<RingKnows, RingMoment>;

function nextOf({ slot, value }: RingKnows): string {
  return `with IN_ORDER, next of descriptor ${slot} is ${value}`;
}
