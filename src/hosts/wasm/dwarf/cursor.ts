const text = new TextDecoder();

/** Reads a section of debugging data from front to back: DWARF 5, 7. All of it is little-endian, and of the 32-bit format. */
export class Cursor {
  at: number;
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  /** @throws RangeError from every method, past the end. */
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
  }

  get isDone(): boolean {
    return this.at >= this.bytes.length;
  }

  u8(): number {
    return this.view.getUint8(this.at++);
  }

  i8(): number {
    return this.view.getInt8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  /** Unsigned LEB128. */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 0x80;
    }
  }

  /** Up to a zero. */
  string(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new RangeError('a string without an end');
    const found = text.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return found;
  }

  skip(length: number): void {
    this.at += length;
  }
}

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
