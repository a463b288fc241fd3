import { Cursor } from './cursor.ts';

/** The sections that strings of others may lie in. */
export interface StringSections {
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
}

/** An attribute's value: a number, a string, or a value that is not needed here. */
type Value = number | string | null;

type Read = (cursor: Cursor, strings: StringSections) => Value;

const skipped =
  (length: (cursor: Cursor) => number): Read =>
  (cursor) => {
    cursor.skip(length(cursor));
    return null;
  };
const ignored = (length: number) => skipped(() => length);

/** How values lie in a section, by their form: DWARF 5, 7.5.6. Values that are not needed here are skipped. */
const FORMS: Readonly<Record<number, Read>> = {
  1: ignored(4), // addr: of WebAssembly, 32 bits
  3: skipped((cursor) => cursor.u16()), // block2
  4: skipped((cursor) => cursor.u32()), // block4
  5: (cursor) => cursor.u16(), // data2
  6: (cursor) => cursor.u32(), // data4
  7: ignored(8), // data8
  8: (cursor) => cursor.string(),
  9: skipped((cursor) => cursor.uleb()), // block
  10: skipped((cursor) => cursor.u8()), // block1
  11: (cursor) => cursor.u8(), // data1
  12: (cursor) => cursor.u8(), // flag
  13: (cursor) => cursor.sleb(), // sdata
  14: (cursor, { str }) => new Cursor(str, cursor.u32()).string(), // strp
  15: (cursor) => cursor.uleb(), // udata
  23: (cursor) => cursor.u32(), // sec_offset
  24: skipped((cursor) => cursor.uleb()), // exprloc
  25: () => 1, // flag_present
  26: skipped((cursor) => cursor.uleb() * 0), // strx
  27: skipped((cursor) => cursor.uleb() * 0), // addrx
  30: ignored(16), // data16
  31: (cursor, { lineStr }) => new Cursor(lineStr, cursor.u32()).string(), // line_strp
  35: skipped((cursor) => cursor.uleb() * 0), // rnglistx
  37: ignored(1), // strx1
  38: ignored(2), // strx2
  39: ignored(3), // strx3
  40: ignored(4), // strx4
  41: ignored(1), // addrx1
  42: ignored(2), // addrx2
  43: ignored(3), // addrx3
  44: ignored(4), // addrx4
};

/** @throws RangeError for a form that the supported compilers do not use here. */
export function readForm(form: number, cursor: Cursor, strings: StringSections): Value {
  const read = FORMS[form];
  if (read === undefined) throw new RangeError(`form ${form}`);
  return read(cursor, strings);
}
