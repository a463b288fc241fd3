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
    strength: 'MUST',
    where: 'virtio 1.4, Reserved Feature Bits',
    text: 'With ACCESS_PLATFORM, give addresses that the platform resolves',
    advice: 'Map each buffer for the device first; on a machine without an IOMMU its address is that of RAM.',
    on: ['placed', 'chain', 'ring outside', 'buffer outside', 'table outside'],
    when: (k) => k.accessPlatform,
    kept: faultless,
    said: outside,
    facts: ringText,
  },
  'virtio/RFEAT-D4': {
    strength: 'MUST',
    where: 'virtio 1.4, Reserved Feature Bits',
    text: 'Without ACCESS_PLATFORM offered, pass plain physical addresses',
    advice: 'Give the device guest physical addresses of RAM, all 64 bits of them.',
    on: ['placed', 'chain', 'ring outside', 'buffer outside', 'table outside'],
    // There is no IOMMU, so no address is translated, platform or not: what breaks one rule breaks the other.
    when: (k) => !k.accessPlatform,
    kept: faultless,
    said: outside,
    facts: ringText,
  },
  'virtio/VQ-IMP-13': {
    strength: 'MUST',
    where: 'virtio 1.4, Indirect Descriptors',
    text: 'The length of an indirect table is a multiple of 16 and not 0',
    advice: 'Write the number of entries times 16 into len.',
    on: ['chain', 'table length'],
    when: (k) => k.table,
    kept: faultless,
    said: (k) => `an indirect table is ${k.value} bytes long`,
    facts: ringText,
  },
  'virtio/VQ-IMP-21': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A buffer of zero length is not offered',
    advice: 'Leave empty buffers out of the chain.',
    on: ['chain', 'buffer empty'],
    kept: faultless,
    said: (k) => `descriptor ${k.slot} has length 0`,
    facts: ringText,
  },
  'virtio/VQ-IMP-31': {
    strength: 'SHOULD NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A descriptor has no flags but those that the standard knows',
    advice:
      'Write all 16 bits of flags for each descriptor, and no others than NEXT (1), WRITE (2) and INDIRECT (4), of a packed ring AVAIL (80h) and USED (8000h): some devices take no chain that has more.',
    on: ['chain', 'flags unknown'],
    kept: faultless,
    said: (k) => `the flags of descriptor ${k.slot} are ${hex(k.value, 4)}`,
    facts: ringText,
  },
  'virtio/VQ-IMP-33': {
    strength: 'MUST',
    where: 'virtio 1.4, Virtqueues',
    text: 'A ring lies where the device was told, in the format that was negotiated',
    advice:
      'By the legacy interface let the ring begin at a page, and write its address / 4096. With RING_PACKED lay out a packed ring. A device has one driver at a time.',
    on: ['chain', 'astray'],
    kept: (k) => k.astray === null,
    said: (k) => `the queue was kicked, the device finds nothing new in its ring, and ${k.astray}`,
    facts: ringText,
    once: true,
  },
  'virtio/VQ-IND-D3': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (split)',
    text: 'Chain not longer than the Queue Size',
    advice:
      'Split the request, or merge buffers: a table may have as many entries as the queue, and no more.',
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
