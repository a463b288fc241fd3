import { hex } from '../../../core/bits.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { virtq_avail, virtq_desc, virtq_used, virtq_used_elem } from '../../../virtio/registers.ts';
import type { RingArea } from './ring-areas.ts';
import { PART, ringAreas } from './ring-areas.ts';
import type { RingRam } from './ring-ram.ts';
import type { RingStores } from './ring-stores.ts';

/** Where the parts of a split ring lie, and their fields. */
export function splitAreas(ring: RingStores, place: RingPlace, name: string): readonly RingArea[] {
  const { size } = place;
  const bytes = [
    virtq_desc.size * size,
    virtq_avail.size + 2 * size + 2,
    virtq_used.size + virtq_used_elem.size * size + 2,
  ] as const;
  return ringAreas(ring, place, bytes, name, (part, offset) => splitField(part, offset, size));
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

/** The distance from position `from` to the next one in `slot`. */
export function distance(slot: number, from: number, size: number): number {
  return (slot + size - (from % size)) % size;
}

/** A ring in words: its indices, the entry that the device takes next, and a chain's first descriptor. */
export function splitText(
  ram: RingRam,
  { size, desc, driver, device }: RingPlace,
  taken: number,
  chain: number,
): readonly string[] {
  const at = desc + virtq_desc.size * chain;
  const waiting = taken % size;
  return [
    `ring    avail.idx ${ram.u16(driver + 2)}, used.idx ${ram.u16(device + 2)}, the device took ${taken & 0xffff}`,
    `        avail.ring[${waiting}] = ${ram.u16(driver + 4 + 2 * waiting)}`,
    `        desc[${chain}] = ${hex(ram.u64(at), 8)}, ${ram.u32(at + 8)} bytes, flags ${hex(ram.u16(at + 12), 4)}, next ${ram.u16(at + 14)}`,
  ];
}
