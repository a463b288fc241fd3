import type { Gpa } from '../../../core/bits.ts';
import { VIRTQ_DESC_F, virtq_desc } from '../../../virtio/registers.ts';
import type { Lent } from './lent.ts';
import { PackedSlots } from './packed-slots.ts';
import type { RingRam } from './ring-ram.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;
const DESC = virtq_desc.size;
/** Entries of an indirect table that are followed; a table may claim any length. */
const TABLE_MAX = 0x8000;

/** The buffer belongs to the chain, if it is RAM and the chain has room. */
export function addBuffer(ram: RingRam, lent: Lent, address: Gpa, length: number, writable: boolean): void {
  if (length > 0 && !lent.isFull && ram.isRam(address, length)) lent.add(address, length, writable);
}

/** The buffers in an indirect table of a split ring belong to the chain, and so does the table. */
export function addTable(ram: RingRam, lent: Lent, table: Gpa, bytes: number): void {
  const count = setTable(ram, lent, table, bytes);
  for (let i = 0, steps = 0; steps < count && i < count && !lent.isFull; steps++) {
    const at = table + DESC * i;
    const flags = ram.u16(at + virtq_desc.offset.flags);
    addBuffer(ram, lent, ram.u64(at), ram.u32(at + virtq_desc.offset.len), (flags & WRITE) !== 0);
    if ((flags & NEXT) === 0) return;
    i = ram.u16(at + virtq_desc.offset.next);
  }
}

/** The same of a packed ring, whose tables have no links. */
export function addPackedTable(ram: RingRam, lent: Lent, table: Gpa, bytes: number): void {
  const entries = new PackedSlots(ram, table);
  const count = setTable(ram, lent, table, bytes);
  for (let i = 0; i < count; i++)
    addBuffer(ram, lent, entries.address(i), entries.length(i), (entries.flags(i) & WRITE) !== 0);
}

function setTable(ram: RingRam, lent: Lent, table: Gpa, bytes: number): number {
  if (bytes === 0 || !ram.isRam(table, bytes)) return 0;
  lent.table = table;
  lent.tableBytes = bytes;
  return Math.min(bytes >>> 4, TABLE_MAX);
}
