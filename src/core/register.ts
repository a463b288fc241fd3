import { hex, type Width } from './bits.ts';

/**
 * How a field answers: `rw` stores, `ro` keeps, `wo` stores and reads 0, `rc` clears when read, `w1c` clears
 * where a 1 is written, `reserved` reads 0 and ignores.
 */
type Access = 'rw' | 'ro' | 'wo' | 'rc' | 'w1c' | 'reserved';

/** A bit field: one bit, or `[highest, lowest]`. */
export interface Field {
  readonly at: number | readonly [high: number, low: number];
  readonly access?: Access;
  readonly doc?: string;
}

type Fields = { readonly [name: string]: Field };
type Numbers<F extends Fields> = { readonly [K in keyof F]: number };

interface RegisterOptions {
  /** Value after reset. Default 0. */
  readonly reset?: number;
  /** Access of every field that names none. Default `rw`. */
  readonly access?: Access;
  readonly doc?: string;
}

/** A register declared once as data. Masks, types, reset value, write rule, trace text and documentation come from it. */
export interface Register<F extends Fields = Fields> {
  readonly name: string;
  /** Offset in bytes from the base of its block. */
  readonly offset: number;
  readonly width: Width;
  readonly reset: number;
  readonly doc: string;
  readonly fields: F;
  /** Each field's bits in place: `mask.DLAB` is 0x80. */
  readonly mask: Numbers<F>;
  /** Each field's lowest bit number. */
  readonly shift: Numbers<F>;
  /** Bits that a write stores (`rw` and `wo`). */
  readonly writable: number;
  /** Bits that a written 1 clears. */
  readonly w1c: number;
  /** Bits that reading clears. */
  readonly rc: number;
  /** Bits that a read shows (all but `wo` and `reserved`). */
  readonly readable: number;
  /** What the register holds after `value` was written over `old`. */
  write(old: number, value: number): number;
  /** Field values, shifted down. */
  decode(value: number): Numbers<F>;
  /** A register value from field values; fields left out are 0. */
  encode(values: Partial<Numbers<F>>): number;
  /** `WLS=3 DLAB`: each field that is not zero, one-bit fields by name alone; `0` if none is. */
  format(value: number): string;
}

/**
 * Declares a register.
 *
 * @example
 * export const LCR = register('LCR', 3, 1, {
 *   WLS: { at: [1, 0], doc: 'word length, 5 + n bits' },
 *   DLAB: { at: 7, doc: 'divisor latch access' },
 * });
 * const { DLAB } = LCR.mask;           // at the top of a file: costs what 0x80 costs
 * LCR.encode({ WLS: 3, DLAB: 1 });     // 0x83
 * LCR.format(0x83);                    // 'WLS=3 DLAB'
 *
 * @throws RangeError at load, if two fields overlap or one does not fit the width: a fault of the declaration.
 */
export function register<const F extends Fields>(
  name: string,
  offset: number,
  width: Width,
  fields: F,
  options: RegisterOptions = {},
): Register<F> {
  const names = Object.keys(fields) as (keyof F & string)[];
  const mask: Record<string, number> = {};
  const shift: Record<string, number> = {};
  const kinds: Record<Access, number> = { rw: 0, ro: 0, wo: 0, rc: 0, w1c: 0, reserved: 0 };
  let taken = 0;
  for (const field of names) {
    const declared = fields[field]!;
    const { at } = declared;
    const high = typeof at === 'number' ? at : at[0];
    const low = typeof at === 'number' ? at : at[1];
    const bits = (2 ** (high - low + 1) - 1) * 2 ** low;
    if (high < low || bits >= 2 ** (width * 8))
      throw new RangeError(`${name}.${field} does not fit ${width} bytes`);
    if (taken & bits) throw new RangeError(`${name}.${field} overlaps another field`);
    taken = (taken | bits) >>> 0;
    mask[field] = bits;
    shift[field] = low;
    const kind = declared.access ?? options.access ?? 'rw';
    kinds[kind] = (kinds[kind] | bits) >>> 0;
  }
  const writable = (kinds.rw | kinds.wo) >>> 0;
  const format = (value: number): string => {
    const said = names
      .filter((field) => (value & mask[field]!) !== 0)
      .map((field) =>
        formatField(field, (value & mask[field]!) >>> shift[field]!, mask[field]! >>> shift[field]!),
      );
    return said.length > 0 ? said.join(' ') : '0';
  };
  return {
    name,
    offset,
    width,
    reset: options.reset ?? 0,
    doc: options.doc ?? '',
    fields,
    mask: mask as Numbers<F>,
    shift: shift as Numbers<F>,
    writable,
    w1c: kinds.w1c,
    rc: kinds.rc,
    readable: (taken & ~(kinds.wo | kinds.reserved)) >>> 0,
    write: (old, value) => ((old & ~writable & ~(value & kinds.w1c)) | (value & writable)) >>> 0,
    decode: (value) =>
      Object.fromEntries(
        names.map((field) => [field, (value & mask[field]!) >>> shift[field]!]),
      ) as Numbers<F>,
    encode: (values) =>
      names.reduce((sum, field) => (sum | (((values[field] ?? 0) << shift[field]!) & mask[field]!)) >>> 0, 0),
    format,
  };
}

function formatField(name: string, value: number, ones: number): string {
  if (ones === 1) return name;
  return value < 10 ? `${name}=${value}` : `${name}=${hex(value, 1)}h`;
}
