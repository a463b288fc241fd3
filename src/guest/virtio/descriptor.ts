import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import { virtq_desc } from '../../virtio/registers.ts';

const FOUR_GIB = 0x1_0000_0000;

/** A segment of guest memory, at least one byte. */
export interface Segment {
  readonly address: Gpa;
  readonly length: number;
}

/** Maximum segments of a chain in a queue of `size`. */
export function chainLength(
  readable: readonly Segment[],
  writable: readonly Segment[],
  size: number,
): number {
  const count = readable.length + writable.length;
  if (count === 0 || count > size)
    throw new MisuseError('segments', count, `1 to ${size} segments, the queue's size`);
  return count;
}

/** Stores the common start of both descriptor formats: 64 bits of address, 32 of length. */
export function storeSegment(memory: DriverMemory, at: Gpa, { address, length }: Segment): void {
  if (length < 1) throw new MisuseError('segment.length', length, 'at least 1 byte');
  const upper = memory.endian === 'be' ? 0 : 4;
  memory.store(at + 4 - upper, address % FOUR_GIB, 4);
  memory.store(at + upper, Math.floor(address / FOUR_GIB), 4);
  memory.store(at + 8, length, 4);
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
  const at = table + virtq_desc.size * index;
  storeSegment(memory, at, segment);
  memory.store(at + virtq_desc.offset.flags, flags, 2);
  memory.store(at + virtq_desc.offset.next, next, 2);
}
