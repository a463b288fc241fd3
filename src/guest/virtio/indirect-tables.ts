import type { GuestPort } from '../../core/guest-port.ts';
import { VIRTQ_DESC_F, virtq_desc } from '../../virtio/registers.ts';
import { type Segment, writeDescriptor } from './descriptor.ts';

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
