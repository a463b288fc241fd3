import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import { VIRTQ_DESC_F, virtq_desc } from '../../virtio/registers.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;
const TABLE_ALIGN = 16;

/** Indirect descriptor tables of a queue: one for each chain ID, kept for the next chain with that ID. */
export class IndirectTables {
  private readonly port: GuestPort;
  private readonly tables: (Segment | undefined)[] = [];

  constructor(port: GuestPort) {
    this.port = port;
  }

  /** Writes a chain of a split queue into the table of descriptor `head`; returns the segment for that descriptor. */
  fill(head: number, readable: readonly Segment[], writable: readonly Segment[]): Segment {
    const count = readable.length + writable.length;
    const table = this.place(head, count * virtq_desc.size);
    for (let i = 0; i < count; i++) {
      const reads = i < readable.length;
      const segment = reads ? readable[i]! : writable[i - readable.length]!;
      const last = i + 1 === count;
      const flags = (reads ? 0 : WRITE) | (last ? 0 : NEXT);
      writeDescriptor(this.port.memory, table.address, i, segment, flags, last ? 0 : i + 1);
    }
    return table;
  }

  /** `bytes` of memory for the table of chain `id`; its content is undefined. */
  place(id: number, bytes: number): Segment {
    const kept = this.tables[id];
    if (kept !== undefined && kept.length >= bytes) return { address: kept.address, length: bytes };
    if (kept !== undefined) this.port.release(kept.address);
    const table = { address: this.port.allocate(bytes, TABLE_ALIGN), length: bytes };
    this.tables[id] = table;
    return table;
  }

  release(): void {
    for (const table of this.tables) if (table !== undefined) this.port.release(table.address);
    this.tables.length = 0;
  }
}

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
    throw new MisuseError('segments', count, `from 1 to ${size} segments, the queue's size`);
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
