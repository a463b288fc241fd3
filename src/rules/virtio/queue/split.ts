import type { Rules } from '../../../core/rule.ts';
import { faultless, type RingKnows, type RingMoment, ringText } from './knows.ts';

const SUPPRESSION = 'virtio 1.4, Used Buffer Notification Suppression';

/** Rules of a split ring. */
export const SPLIT = {
  'virtio/VQ-AVSUP-D1': {
    where: 'virtio 1.4, Available Buffer Notification Suppression',
    text: 'A driver MUST set used.flags to 0 when it allocates the used ring, whose index begins at 0, too.',
    advice: 'Zero the ring before the device may use it, after each reset again.',
    on: ['placed', 'stale', 'used flags'],
    kept: (k) => faultless(k) && k.stale === 0,
    said: (k) =>
      k.stale === 0
        ? `used.flags was ${k.value} when the device looked at the ring for the first time`
        : `used.idx was ${k.stale} before the device wrote it: that is left from an earlier use`,
  },
  'virtio/VQ-AVAIL-D1': {
    where: 'virtio 1.4, The Virtqueue Available Ring',
    text: 'A driver MUST NOT decrement avail.idx.',
    advice: 'Only increment avail.idx, modulo 65536, by the number of chains added.',
    on: ['chain', 'index ahead'],
    kept: faultless,
    follows: ['virtio/VQ-IMP-4'],
    // Nothing but a wrong index is so far ahead: it went back.
    apart: ({ slot, value }) => ((value - slot) & 0xffff) >= 0x8000,
    said: ({ slot, value, other }) =>
      `avail.idx is ${value}, ${(value - slot) & 0xffff} ahead of ${slot}, where the device stands, in a ring of ${other} entries`,
  },
  'virtio/VQ-SPLIT-LEG-D3': {
    where: 'virtio 1.4, Legacy Interfaces: A Note on Virtqueue Layout',
    text: 'A driver of the legacy interface MUST place descriptors, available ring, padding and used ring as the legacy layout defines.',
    advice:
      'Lay the ring out for the size that the device returns, which is 8192 on Compute Engine: only the modern interface lets a driver use fewer entries.',
    on: ['chain', 'elsewhere'],
    when: (k) => k.legacy,
    kept: (k) => k.laidOut === null,
    mislays: 'all',
    said: (k) =>
      `the available ring lies where one of ${k.laidOut} entries would have it, but the queue has ${k.place!.size}`,
    facts: ringText,
    once: true,
  },
  'virtio/VQ-SPLIT-LEG-D4': {
    where: 'virtio 1.4, Legacy Interfaces: A Note on Virtqueue Endianness',
    text: "A driver of the legacy interface MUST write ring fields in the guest's byte order.",
    advice: 'Store ring fields without swapping: only the modern interface is little-endian for every guest.',
    on: ['chain', 'index swapped'],
    // On a little-endian guest the two orders are the same.
    when: (k) => k.place?.endian === 'be',
    kept: faultless,
    said: (k) => `avail.idx makes sense as ${k.value}, little-endian, and not as ${k.other}`,
  },
  'virtio/VQ-IMP-3': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A driver MUST use head and next indexes below the queue size, or below the length of the indirect table.',
    advice: 'Take indexes modulo the queue size: a corrupted free list is the usual cause.',
    on: ['chain', 'head beyond', 'next beyond'],
    kept: faultless,
    said: ({ broke, slot, value, other }) =>
      broke === 'head beyond'
        ? `avail.ring[${slot}] is ${value}, and the queue has ${other} descriptors`
        : `next of descriptor ${slot} is ${value}, but its table has ${other} entries`,
    facts: ringText,
  },
  'virtio/VQ-IMP-4': {
    where: 'virtio 1.4, The Virtqueue Available Ring',
    text: 'A driver MUST NOT make a descriptor available again while the device still has it.',
    advice: 'Free a chain only after it came back in the used ring.',
    on: ['chain', 'head in flight'],
    when: (k) => k.others,
    kept: faultless,
    // A driver that runs ahead does so with every descriptor: that is one mistake.
    said: () => 'a descriptor was made available while in flight',
    follows: ['virtio/VQ-IMP-32', 'virtio/VQ-IMP-39'],
    spoils: true,
    facts: (k) => [`descriptor ${k.value} is in flight`, ...ringText(k)],
  },
  'virtio/VQ-DESC-D1': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A driver MUST NOT build a chain longer than 2^32 bytes, or a loop.',
    advice: 'End each chain with a descriptor whose NEXT flag is clear.',
    on: ['chain', 'chain endless'],
    when: (k) => k.many,
    kept: faultless,
    said: (k) => `the chain from descriptor ${k.value} does not end`,
    facts: ringText,
  },
  'virtio/VQ-FRAME-D1': {
    where: 'virtio 1.4, Message Framing',
    text: 'A driver MUST put all device-writable elements of a chain after all device-readable ones.',
    advice: 'List the buffers that the device reads first, then those that it writes.',
    on: ['chain', 'buffer misplaced'],
    when: (k) => k.many && k.writes,
    kept: faultless,
    said: (k) => `descriptor ${k.slot} is readable and follows a writable one`,
    facts: ringText,
  },
  'virtio/VQ-USEDSUP-D1': {
    where: SUPPRESSION,
    text: 'A driver without EVENT_IDX MUST set avail.flags to 0 or 1.',
    advice: 'Write 1 to avail.flags to suppress interrupts, or 0; the other bits are reserved.',
    on: 'dry',
    when: (k) => !k.eventIdx,
    kept: (k) => k.flags <= 1,
    said: (k) => `avail.flags is ${k.flags}, without EVENT_IDX`,
    once: true,
  },
  'virtio/VQ-USEDSUP-D2': {
    where: SUPPRESSION,
    text: 'A driver with EVENT_IDX MUST set avail.flags to 0.',
    advice: 'Keep avail.flags at 0, and set used_event to when you want an interrupt.',
    on: 'dry',
    when: (k) => k.eventIdx,
    kept: (k) => k.flags === 0,
    said: (k) => `avail.flags is ${k.flags}, with EVENT_IDX`,
    once: true,
  },
} as const satisfies Rules<RingKnows, RingMoment>;
