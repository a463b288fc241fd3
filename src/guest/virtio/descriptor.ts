import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import { virtq_desc } from '../../virtio/registers.ts';

const FOUR_GIB = 0x1_0000_0000;

/** A piece of guest memory, at least one byte. */
export interface Segment {
  readonly address: Gpa;
  readonly length: number;
}

/** Writes entry `index` of the descriptor table at `table`. */
export function writeDescriptor(
  memory: DriverMemory,
  table: Gpa,
  index: number,
  segment: Segment,
  flags: number,
  next: number,
): void {
  if (segment.length < 1) throw new MisuseError('segment.length', segment.length, 'at least 1 byte');
  const at = table + virtq_desc.size * index;
  const low = at + virtq_desc.offset.addr + (memory.endian === 'be' ? 4 : 0);
  const high = at + virtq_desc.offset.addr + (memory.endian === 'be' ? 0 : 4);
  memory.store(low, segment.address % FOUR_GIB, 4);
  memory.store(high, Math.floor(segment.address / FOUR_GIB), 4);
  memory.store(at + virtq_desc.offset.len, segment.length, 4);
  memory.store(at + virtq_desc.offset.flags, flags, 2);
  memory.store(at + virtq_desc.offset.next, next, 2);
}
