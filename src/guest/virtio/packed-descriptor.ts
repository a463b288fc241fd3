import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory } from '../../core/guest-port.ts';
import { pvirtq_desc } from '../../virtio/registers.ts';
import { type Segment, storeSegment } from './descriptor.ts';

/** Writes a packed descriptor at `at`. With `flags` null the flags are written later: they make it available. */
export function writePackedDescriptor(
  memory: DriverMemory,
  at: Gpa,
  segment: Segment,
  id: number,
  flags: number | null,
): void {
  storeSegment(memory, at, segment);
  memory.store(at + pvirtq_desc.offset.id, id, 2);
  if (flags !== null) memory.store(at + pvirtq_desc.offset.flags, flags, 2);
}
