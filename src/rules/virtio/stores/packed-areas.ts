import type { RingPlace } from '../../../virtio/queue/events.ts';
import { pvirtq_desc, pvirtq_event_suppress } from '../../../virtio/registers.ts';
import type { RingArea } from './ring-areas.ts';
import { PART, ringAreas } from './ring-areas.ts';
import type { RingStores } from './ring-stores.ts';

/** Where the parts of a packed ring lie, and their fields. */
export function packedAreas(ring: RingStores, place: RingPlace, name: string): readonly RingArea[] {
  const { size: event } = pvirtq_event_suppress;
  return ringAreas(ring, place, [pvirtq_desc.size * place.size, event, event], name, packedField);
}

/** The field of a part that has the byte at `offset`: `desc[5].flags`. */
export function packedField(part: number, offset: number): string {
  if (part !== PART.desc)
    return `${part === PART.avail ? 'driver' : 'device'}.${offset < 2 ? 'desc' : 'flags'}`;
  const at = offset % pvirtq_desc.size;
  const field = at < 8 ? 'addr' : at < 12 ? 'len' : at < 14 ? 'id' : 'flags';
  return `desc[${Math.floor(offset / pvirtq_desc.size)}].${field}`;
}
