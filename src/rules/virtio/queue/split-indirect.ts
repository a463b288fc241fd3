import type { Rules } from '../../../core/rule.ts';
import { faultless, type RingKnows, type RingMoment, ringText } from './knows.ts';

const INDIRECT = 'virtio 1.4, Indirect Descriptors (split)';

/** Rules of a split ring: indirect tables, and the order of descriptors with IN_ORDER. */
export const SPLIT_INDIRECT = {
  'virtio/VQ-IND-D1': {
    strength: 'MUST NOT',
    where: INDIRECT,
    text: 'No INDIRECT flag unless INDIRECT_DESC was negotiated',
    on: ['chain', 'table unasked'],
    when: (k) => !k.tables,
    kept: faultless,
    said: () => 'a descriptor has INDIRECT, and INDIRECT_DESC was not negotiated',
    facts: ringText,
  },
  'virtio/VQ-IND-D2': {
    strength: 'MUST NOT',
    where: INDIRECT,
    text: 'No INDIRECT flag inside an indirect table',
    on: ['chain', 'table nested'],
    when: (k) => k.table,
    kept: faultless,
    said: () => 'an indirect table holds a descriptor with INDIRECT',
    facts: ringText,
  },
  'virtio/VQ-IND-D4': {
    strength: 'MUST NOT',
    where: INDIRECT,
    text: 'INDIRECT and NEXT never together in one descriptor',
    on: ['chain', 'table with next'],
    when: (k) => k.table,
    kept: faultless,
    said: () => 'a descriptor has both INDIRECT and NEXT',
    facts: ringText,
  },
  'virtio/VQ-IND-D5': {
    strength: 'MUST',
    where: INDIRECT,
    text: 'IN_ORDER: table entries are used one after the other, next = 1, 2 and so on',
    on: ['chain', 'table next astray'],
    when: (k) => k.inOrder && k.table && k.many,
    kept: faultless,
    said: nextOf,
    facts: ringText,
  },
  'virtio/VQ-DESC-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'IN_ORDER: chained next is x+1, and 0 for the last table slot',
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
