import { Cursor } from './cursor.ts';

/** The sections that strings of others may lie in. */
export interface StringSections {
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
}

/** An attribute's value: a number, which may be an index or a place in another section; a string; or null, not needed here. */
export type Value = number | string | null;

type Read = (cursor: Cursor, strings: StringSections) => Value;

const skipped =
  (length: (cursor: Cursor) => number): Read =>
  (cursor) => {
    cursor.skip(length(cursor));
    return null;
  };
const ignored = (length: number) => skipped(() => length);
const u8: Read = (cursor) => cursor.u8();
const u16: Read = (cursor) => cursor.u16();
const u24: Read = (cursor) => cursor.u16() + 0x1_0000 * cursor.u8();
const u32: Read = (cursor) => cursor.u32();
const uleb: Read = (cursor) => cursor.uleb();

/** How values lie in a section, by their form: DWARF 5, 7.5.6. Values that are not needed here are skipped. */
const FORMS: Readonly<Record<number, Read>> = {
  1: u32, // addr: of WebAssembly, 32 bits
  3: skipped((cursor) => cursor.u16()), // block2
  4: skipped((cursor) => cursor.u32()), // block4
  5: u16, // data2
  6: u32, // data4
  7: ignored(8), // data8
  8: (cursor) => cursor.string(),
  9: skipped((cursor) => cursor.uleb()), // block
  10: skipped((cursor) => cursor.u8()), // block1
  11: u8, // data1
  12: u8, // flag
  13: (cursor) => cursor.sleb(), // sdata
  14: (cursor, { str }) => new Cursor(str, cursor.u32()).string(), // strp
  15: uleb, // udata
  16: u32, // ref_addr
  17: u8, // ref1
  18: u16, // ref2
  19: u32, // ref4
  20: ignored(8), // ref8
  21: uleb, // ref_udata
  23: u32, // sec_offset
  24: skipped((cursor) => cursor.uleb()), // exprloc
  25: () => 1, // flag_present
  26: uleb, // strx
  27: uleb, // addrx
  30: ignored(16), // data16
  31: (cursor, { lineStr }) => new Cursor(lineStr, cursor.u32()).string(), // line_strp
  32: ignored(8), // ref_sig8
  34: uleb, // loclistx
  35: uleb, // rnglistx
  37: u8, // strx1
  38: u16, // strx2
  39: u24, // strx3
  40: u32, // strx4
  41: u8, // addrx1
  42: u16, // addrx2
  43: u24, // addrx3
  44: u32, // addrx4
};

export const FORM = { addr: 1, refAddr: 16, implicitConst: 33, rnglistx: 35 } as const;

/** Whether a string or an address lies in a table of the unit, and the value is its number there. */
export const isStrx = (form: number) => form === 26 || (form >= 37 && form <= 40);
export const isAddrx = (form: number) => form === 27 || (form >= 41 && form <= 44);

/** @throws RangeError for a form that the supported compilers do not use here. */
export function readForm(form: number, cursor: Cursor, strings: StringSections): Value {
  const read = FORMS[form];
  if (read === undefined) throw new RangeError(`form ${form}`);
  return read(cursor, strings);
}
