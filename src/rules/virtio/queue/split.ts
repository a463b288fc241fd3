import type { Rules } from '../../../core/rule.ts';
import { faultless, type RingKnows, type RingMoment, ringText } from './knows.ts';

const SUPPRESSION = 'virtio 1.4, Used Buffer Notification Suppression';

/** Rules of a split ring. */
export const SPLIT = {
  'virtio/VQ-AVSUP-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Available Buffer Notification Suppression',
    text: 'Zero used.flags when allocating the used ring',
    advice: 'Zero the ring before giving its address to the device.',
    on: ['placed', 'used flags'],
    kept: faultless,
    said: (k) => `used.flags was ${k.value} when the ring was handed over`,
  },
  'virtio/VQ-AVAIL-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Available Ring',
    text: 'Never move avail.idx backwards',
    advice: 'Let avail.idx only grow, modulo 65536, by the number of chains added.',
    on: ['chain', 'index ahead'],
    kept: faultless,
    follows: ['virtio/VQ-IMP-4'],
    // Nothing but a wrong index is so far ahead: it went back.
    apart: ({ slot, value }) => ((value - slot) & 0xffff) >= 0x8000,
    said: ({ slot, value, other }) =>
      `avail.idx is ${value}, ${(value - slot) & 0xffff} ahead of ${slot}, where the device stands, in a ring of ${other} entries`,
  },
  'virtio/VQ-SPLIT-LEG-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interfaces: A Note on Virtqueue Layout',
    text: 'Place desc, avail, padding, used as the legacy layout demands',
    advice:
      'Lay the ring out for the size that the device tells, which is 8192 on Compute Engine: only the modern interface lets a driver have fewer entries.',
    on: ['chain', 'elsewhere'],
    when: (k) => k.legacy,
    kept: (k) => k.smaller === null,
    said: (k) =>
      `the available ring lies where one of ${k.smaller} entries would have it, and the queue has ${k.place!.size}`,
    facts: ringText,
    once: true,
    follows: ['virtio/VQ-SPLIT-LEG-D2'],
  },
  'virtio/VQ-SPLIT-LEG-D4': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interfaces: A Note on Virtqueue Endianness',
    text: "Under the legacy interface, ring fields are in the guest's own byte order",
    advice: 'Store ring fields without swapping: only the modern interface is little-endian for every guest.',
    on: ['chain', 'index swapped'],
    // On a little-endian guest the two orders are the same.
    when: (k) => k.place?.endian === 'be',
    kept: faultless,
    said: (k) => `avail.idx makes sense as ${k.value}, little-endian, and not as ${k.other}`,
  },
  'virtio/VQ-IMP-3': {
    strength: 'MUST',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A head or next index is below the queue size, or the length of its indirect table',
    advice: 'Take indexes modulo the queue size: a corrupted free list is the usual cause.',
    on: ['chain', 'head beyond', 'next beyond'],
    kept: faultless,
    said: ({ broke, slot, value, other }) =>
      broke === 'head beyond'
        ? `avail.ring[${slot}] is ${value}, and the queue has ${other} descriptors`
        : `next of descriptor ${slot} is ${value}, and its table has ${other} entries`,
    facts: ringText,
  },
  'virtio/VQ-IMP-4': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Available Ring',
    text: 'A descriptor is not made available again while the device still has it',
    advice: 'Free a chain only when it came back in the used ring.',
    on: ['chain', 'head in flight'],
    when: (k) => k.others,
    kept: faultless,
    // A driver that runs ahead does so with every descriptor: that is one mistake.
    said: () => 'a descriptor was made available while in flight',
    follows: ['virtio/VQ-IMP-32'],
    facts: (k) => [`descriptor ${k.value} is in flight`, ...ringText(k)],
  },
  'virtio/VQ-DESC-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'Total chain length at most 2^32 bytes; no loops',
    advice: 'End each chain with a descriptor whose NEXT flag is clear.',
    on: ['chain', 'chain endless'],
    when: (k) => k.many,
    kept: faultless,
    said: (k) => `the chain from descriptor ${k.value} does not end`,
    facts: ringText,
  },
  'virtio/VQ-FRAME-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Message Framing',
    text: 'All device-writable elements after all device-readable ones',
    advice: 'List the buffers the device reads first, then those it writes.',
    on: ['chain', 'buffer misplaced'],
    when: (k) => k.many && k.writes,
    kept: faultless,
    said: (k) => `descriptor ${k.slot} is readable and follows a writable one`,
    facts: ringText,
  },
  'virtio/VQ-USEDSUP-D1': {
    strength: 'MUST',
    where: SUPPRESSION,
    text: 'Without EVENT_IDX, avail.flags is 0 or 1',
    advice: 'Write 1 to avail.flags to ask for no interrupts, or 0; the other bits are reserved.',
    on: 'dry',
    when: (k) => !k.eventIdx,
    kept: (k) => k.flags <= 1,
    said: (k) => `avail.flags is ${k.flags}, without EVENT_IDX`,
    once: true,
  },
  'virtio/VQ-USEDSUP-D2': {
    strength: 'MUST',
    where: SUPPRESSION,
    text: 'With EVENT_IDX, avail.flags is 0',
    advice: 'Leave avail.flags at 0 and say by used_event when to be interrupted.',
    on: 'dry',
    when: (k) => k.eventIdx,
    kept: (k) => k.flags === 0,
    said: (k) => `avail.flags is ${k.flags}, with EVENT_IDX`,
    once: true,
  },
} as const satisfies Rules<RingKnows, RingMoment>;
