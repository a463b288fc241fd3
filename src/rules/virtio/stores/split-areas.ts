import type { Gpa } from '../../../core/bits.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { virtq_avail, virtq_desc, virtq_used, virtq_used_elem } from '../../../virtio/registers.ts';
import type { RingArea, RingStores } from './ring-stores.ts';

/** The three parts of a ring, of either format: descriptors, the driver's own, the device's. */
export const PART = { desc: 0, avail: 1, used: 2 } as const;

/** Where the parts of a split ring lie, and what stands in them. */
export function splitAreas(ring: RingStores, place: RingPlace, name: string): readonly RingArea[] {
  const { size, desc, driver, device } = place;
  const area = (part: number, from: Gpa, bytes: number): RingArea => ({
    ring,
    part,
    from,
    to: from + bytes,
    name,
    describe: ({ offset }) => `${name} ${splitField(part, offset, size)}`,
  });
  return [
    area(PART.desc, desc, virtq_desc.size * size),
    area(PART.avail, driver, virtq_avail.size + 2 * size + 2),
    area(PART.used, device, virtq_used.size + virtq_used_elem.size * size + 2),
  ];
}

/** The field of a part that has the byte at `offset`: `avail.ring[3]`. */
export function splitField(part: number, offset: number, size: number): string {
  if (part === PART.desc) return `desc[${Math.floor(offset / virtq_desc.size)}].${inDescriptor(offset)}`;
  const [name, entry, event] =
    part === PART.avail ? (['avail', 2, 'used_event'] as const) : (['used', 8, 'avail_event'] as const);
  if (offset < 2) return `${name}.flags`;
  if (offset < 4) return `${name}.idx`;
  const slot = Math.floor((offset - 4) / entry);
  if (slot >= size) return `${name}.${event}`;
  if (part === PART.avail) return `avail.ring[${slot}]`;
  return `used.ring[${slot}].${(offset - 4) % entry < 4 ? 'id' : 'len'}`;
}

function inDescriptor(offset: number): string {
  const at = offset % virtq_desc.size;
  return at < 8 ? 'addr' : at < 12 ? 'len' : at < 14 ? 'flags' : 'next';
}
