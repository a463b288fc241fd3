import type { Gpa } from '../../../core/bits.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { pvirtq_desc, pvirtq_event_suppress } from '../../../virtio/registers.ts';
import type { RingArea, RingStores } from './ring-stores.ts';
import { PART } from './split-areas.ts';

/** Where the parts of a packed ring lie, and what stands in them. */
export function packedAreas(ring: RingStores, place: RingPlace, name: string): readonly RingArea[] {
  const { size, desc, driver, device } = place;
  const area = (part: number, from: Gpa, bytes: number): RingArea => ({
    ring,
    part,
    from,
    to: from + bytes,
    name,
    describe: ({ offset }) => `${name} ${packedField(part, offset)}`,
  });
  return [
    area(PART.desc, desc, pvirtq_desc.size * size),
    area(PART.avail, driver, pvirtq_event_suppress.size),
    area(PART.used, device, pvirtq_event_suppress.size),
  ];
}

/** The field of a part that has the byte at `offset`: `desc[5].flags`. */
export function packedField(part: number, offset: number): string {
  if (part !== PART.desc)
    return `${part === PART.avail ? 'driver' : 'device'}.${offset < 2 ? 'desc' : 'flags'}`;
  const at = offset % pvirtq_desc.size;
  const field = at < 8 ? 'addr' : at < 12 ? 'len' : at < 14 ? 'id' : 'flags';
  return `desc[${Math.floor(offset / pvirtq_desc.size)}].${field}`;
}
