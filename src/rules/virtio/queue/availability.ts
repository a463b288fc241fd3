import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { PVIRTQ_DESC_F, pvirtq_desc, virtq_avail } from '../../../virtio/registers.ts';

/**
 * What a driver has made available in a ring so far, as a text that differs when there is more: its index, or the AVAIL
 * bits of its descriptors, which only the driver flips.
 */
export function availabilityOf(memory: GuestMemory, place: RingPlace): string {
  const little = place.endian === 'le';
  if (!place.packed) return `${halfAt(memory, place.driver + virtq_avail.offset.idx, little)}`;
  const bits = Array.from({ length: place.size }, (_, slot) => {
    const flags = halfAt(memory, place.desc + slot * pvirtq_desc.size + pvirtq_desc.offset.flags, little);
    return (flags & PVIRTQ_DESC_F.AVAIL) === 0 ? '0' : '1';
  });
  return bits.join('');
}

function halfAt(memory: GuestMemory, address: number, little: boolean): number {
  const range = memory.find(address, 2);
  return range === null ? 0 : range.view.getUint16(address - range.base, little);
}
