import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import { pvirtq_desc } from '../../virtio/registers.ts';
import type { Segment } from './descriptor.ts';

const FOUR_GIB = 0x1_0000_0000;

/** Writes a packed descriptor at `at`; with `flags` null all but the flags, which make it available. */
export function writePackedDescriptor(
  memory: DriverMemory,
  at: Gpa,
  segment: Segment,
  id: number,
  flags: number | null,
): void {
  if (segment.length < 1) throw new MisuseError('segment.length', segment.length, 'at least 1 byte');
  memory.store(at + pvirtq_desc.offset.addr, segment.address % FOUR_GIB, 4);
  memory.store(at + pvirtq_desc.offset.addr + 4, Math.floor(segment.address / FOUR_GIB), 4);
  memory.store(at + pvirtq_desc.offset.len, segment.length, 4);
  memory.store(at + pvirtq_desc.offset.id, id, 2);
  if (flags !== null) memory.store(at + pvirtq_desc.offset.flags, flags, 2);
}
