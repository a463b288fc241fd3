import type { ByteReader } from '../../../core/byte-reader.ts';

const COUNT = 4;
const ADDRESS = 6;
/** The first bit on the wire of an address: it is set in that of a group. */
const GROUP = 1;

/** A table of MAC addresses: how many it claims to have, and where it ends. */
interface MacTable {
  readonly at: number;
  readonly entries: number;
  readonly end: number;
}

export function tableAt(data: ByteReader, at: number): MacTable {
  const entries = data.u32(at);
  return { at, entries, end: at + COUNT + ADDRESS * entries };
}

/** Two tables, one behind the other, fill the data. */
export function tablesFit(data: ByteReader): boolean {
  const second = tableAt(data, tableAt(data, 0).end);
  return second.at + COUNT <= data.length && second.end === data.length;
}

/** Whether all addresses are those of groups, or none is. */
export function allOf(data: ByteReader, { at, entries, end }: MacTable, groups: boolean): boolean {
  if (end > data.length || !data.whole) return true;
  for (let i = 0; i < entries; i++)
    if (((data.u8(at + COUNT + ADDRESS * i) & GROUP) !== 0) !== groups) return false;
  return true;
}
