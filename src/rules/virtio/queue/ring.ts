import { bytesText, type Gpa, hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import {
  LEGACY_QUEUE_ALIGN,
  pvirtq_desc,
  pvirtq_event_suppress,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import { faultless, type RingKnows, type RingMoment, ringText } from './knows.ts';

/** What half of an address can say. */
const HALF = 2 ** 32;

/** Rules that both formats of a ring share. */
export const RING = {
  'virtio/RFEAT-D3': {
    where: 'virtio 1.4, Reserved Feature Bits',
    text: 'A driver with ACCESS_PLATFORM MUST give the device addresses that the platform can translate.',
    advice: 'Map each buffer for the device first; on a machine without an IOMMU its address is that of RAM.',
    on: ['placed', 'chain', 'ring outside', 'buffer outside', 'table outside'],
    when: (k) => k.accessPlatform,
    kept: faultless,
    said: outside,
    facts: ringText,
  },
  'virtio/RFEAT-D4': {
    where: 'virtio 1.4, Reserved Feature Bits',
    text: 'A driver MUST give the device physical addresses if ACCESS_PLATFORM is not offered.',
    advice: 'Give the device guest physical addresses of RAM, all 64 bits of them.',
    on: ['placed', 'chain', 'ring outside', 'buffer outside', 'table outside'],
    // There is no IOMMU, so no address is translated, platform or not: what breaks one rule breaks the other.
    when: (k) => !k.accessPlatform,
    kept: faultless,
    said: outside,
    facts: ringText,
  },
  'virtio/VQ-IMP-13': {
    where: 'virtio 1.4, Indirect Descriptors',
    text: 'A driver MUST give an indirect table a length that is a multiple of 16 and not 0.',
    advice: 'Write the number of entries times 16 to len.',
    on: ['chain', 'table length'],
    when: (k) => k.table,
    kept: faultless,
    said: (k) => `an indirect table is ${k.value} bytes long`,
    facts: ringText,
  },
  'virtio/VQ-IMP-21': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A driver MUST NOT offer a buffer of length 0.',
    advice:
      'Do not put empty buffers into the chain. If the driver never wrote this descriptor, look at what leads to it: next is an index, not an offset.',
    on: ['chain', 'buffer empty'],
    kept: faultless,
    said: (k) => `descriptor ${k.slot} has length 0`,
    follows: ['virtio/VQ-BARRIER-D1'],
    facts: ringText,
  },
  'virtio/VQ-IMP-31': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A driver SHOULD NOT set undefined descriptor flags.',
    advice:
      'Write all 16 bits of flags for each descriptor, with no bits other than NEXT (1), WRITE (2), INDIRECT (4) and, in a packed ring, AVAIL (80h) and USED (8000h): some devices reject a chain with more.',
    on: ['chain', 'flags unknown'],
    kept: faultless,
    said: (k) => `the flags of descriptor ${k.slot} are ${hex(k.value, 4)}`,
    facts: ringText,
  },
  'virtio/VQ-IMP-33': {
    where: 'virtio 1.4, Virtqueues',
    text: 'A driver MUST place a ring where it told the device, in the negotiated format.',
    advice:
      'With the legacy interface, begin the ring at a page, and write its address / 4096. With RING_PACKED, lay out a packed ring, and use its descriptors one after the other. Use only one driver for a device at a time.',
    on: ['chain', 'astray'],
    kept: (k) => k.astray === null,
    follows: ['virtio/PACKED-IMP-15', 'virtio/PACKED-SG-D5'],
    anywhere: true,
    mislays: 'some',
    said: (k) => `the queue was kicked, but the device finds nothing new in its ring: ${k.astray}`,
    facts: ringText,
    once: true,
  },
  'virtio/VQ-IND-D3': {
    where: 'virtio 1.4, Indirect Descriptors (split)',
    text: 'A driver MUST NOT make a chain longer than the Queue Size.',
    advice: 'Split the request, or merge buffers: a table may have at most as many entries as the queue.',
    on: ['chain', 'chain too long'],
    // Without a table, a chain that is longer than the ring is a loop.
    when: (k) => k.table,
    kept: faultless,
    said: (k) => `a chain has more buffers than the queue has entries, ${k.value}`,
    facts: ringText,
  },
} as const satisfies Rules<RingKnows, RingMoment>;

function outside(k: RingKnows): string {
  const { broke, slot, value, other, legacy, place } = k;
  const at = value.toString(16);
  if (broke === 'table outside' && value % 4 !== 0)
    return `an indirect table lies at ${at}, no multiple of 4`;
  if (broke === 'table outside') return `an indirect table at ${at} does not lie in RAM${cut(k, value)}`;
  if (broke === 'buffer outside')
    return `descriptor ${slot}: ${other} bytes at ${at} do not lie in RAM${cut(k, value)}`;
  const page = value / LEGACY_QUEUE_ALIGN;
  if (legacy && page % LEGACY_QUEUE_ALIGN === 0 && !k.isRam(value, 1) && k.isRam(page, 1))
    return `the ring at ${at} does not lie in RAM: Queue Address was written with ${hex(page, 8)}, and this register takes address / 4096`;
  const lost = place === null ? undefined : areasOf(place).find(([, from, size]) => !k.isRam(from, size));
  const [name, from, size] = lost ?? ['ring', value, 0];
  const whole = size === 0 ? '' : `, of ${bytesText(size)},`;
  return `the ${name} at ${from.toString(16)}${whole} does not lie in RAM${cut(k, from)}`;
}

/** An address of which the driver left out the upper half. */
function cut(k: RingKnows, address: Gpa): string {
  return address < HALF && k.isRam(address + HALF, 1)
    ? `, and ${(address + HALF).toString(16)} does: an address has 64 bits`
    : '';
}

function areasOf({ packed, size, desc, driver, device }: RingPlace): readonly [string, Gpa, number][] {
  if (packed)
    return [
      ['descriptor ring', desc, pvirtq_desc.size * size],
      ['driver area', driver, pvirtq_event_suppress.size],
      ['device area', device, pvirtq_event_suppress.size],
    ];
  return [
    ['descriptor table', desc, virtq_desc.size * size],
    ['available ring', driver, virtq_avail.size + 2 * size],
    ['used ring', device, virtq_used.size + virtq_used_elem.size * size],
  ];
}
