/** A member of a structure in memory: an integer, or a run of bytes. */
type Member = 'u8' | 'u16' | 'u32' | 'u64' | { readonly bytes: number };
export type Endian = 'le' | 'be';

type Members = { readonly [name: string]: Member };
type ValueOf<M extends Member> = M extends 'u64' ? bigint : M extends string ? number : Uint8Array;
/** What a structure decodes to: numbers, bigints for `u64`, views for runs of bytes. */
export type Decoded<T extends Members> = { readonly [K in keyof T]: ValueOf<T[K]> };

const SIZE = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

/** A structure in guest memory, on a wire or in a file, declared once. Members lie one after another, unpadded. */
export interface Struct<T extends Members = Members> {
  readonly name: string;
  readonly endian: Endian;
  readonly members: T;
  readonly size: number;
  readonly offset: { readonly [K in keyof T]: number };
  /** The same members in the byte order of `endian`. Make it once, not for every access. */
  in(endian: Endian): Struct<T>;
  /** Reads `size` bytes of `bytes` from `at`; RangeError past the end. */
  decode(bytes: Uint8Array, at?: number): Decoded<T>;
  /** Writes the members named; the others keep what the buffer holds. A buffer is made if none is given. */
  encode(values: Partial<Decoded<T>>, into?: Uint8Array, at?: number): Uint8Array;
  /** `addr=1000h len=64 flags=2` */
  format(bytes: Uint8Array, at?: number): string;
}

/**
 * Declares a structure.
 *
 * @example
 * export const virtq_desc = struct('virtq_desc', 'le', { addr: 'u64', len: 'u32', flags: 'u16', next: 'u16' });
 * const { addr, len, flags, next } = virtq_desc.offset;   // 0, 8, 12, 14
 * virtq_desc.size;                                        // 16
 */
export function struct<const T extends Members>(name: string, endian: Endian, members: T): Struct<T> {
  const names = Object.keys(members) as (keyof T & string)[];
  const offset: Record<string, number> = {};
  let size = 0;
  for (const member of names) {
    offset[member] = size;
    size += sizeOf(members[member]!);
  }
  const little = endian === 'le';
  const decode = (bytes: Uint8Array, at = 0): Decoded<T> => {
    const view = viewOf(bytes, at, size);
    const values: Record<string, number | bigint | Uint8Array> = {};
    for (const member of names) values[member] = load(view, offset[member]!, members[member]!, little);
    return values as Decoded<T>;
  };
  const self: Struct<T> = {
    name,
    endian,
    members,
    size,
    offset: offset as { readonly [K in keyof T]: number },
    in: (order) => (order === endian ? self : struct(name, order, members)),
    decode,
    encode: (values, into = new Uint8Array(size), at = 0) => {
      const view = viewOf(into, at, size);
      for (const member of names) {
        const value = values[member];
        if (value !== undefined) store(view, offset[member]!, members[member]!, value, little);
      }
      return into;
    },
    format: (bytes, at = 0) =>
      Object.entries(decode(bytes, at))
        .map(([member, value]) => `${member}=${show(value as number | bigint | Uint8Array)}`)
        .join(' '),
  };
  return self;
}

/** A view that ends where `bytes` do, even if their buffer goes on, as that of guest RAM does. */
function viewOf(bytes: Uint8Array, at: number, size: number): DataView {
  if (at + size > bytes.length) throw new RangeError(`${size} bytes at ${at} of ${bytes.length}`);
  return new DataView(bytes.buffer, bytes.byteOffset + at, size);
}

function sizeOf(member: Member): number {
  return typeof member === 'string' ? SIZE[member] : member.bytes;
}

function load(view: DataView, at: number, member: Member, little: boolean): number | bigint | Uint8Array {
  if (typeof member !== 'string') return new Uint8Array(view.buffer, view.byteOffset + at, member.bytes);
  switch (member) {
    case 'u8':
      return view.getUint8(at);
    case 'u16':
      return view.getUint16(at, little);
    case 'u32':
      return view.getUint32(at, little);
    case 'u64':
      return view.getBigUint64(at, little);
  }
}

function store(
  view: DataView,
  at: number,
  member: Member,
  value: number | bigint | Uint8Array,
  little: boolean,
): void {
  if (typeof member !== 'string') {
    new Uint8Array(view.buffer, view.byteOffset + at, member.bytes).set(value as Uint8Array);
    return;
  }
  switch (member) {
    case 'u8':
      view.setUint8(at, value as number);
      break;
    case 'u16':
      view.setUint16(at, value as number, little);
      break;
    case 'u32':
      view.setUint32(at, value as number, little);
      break;
    case 'u64':
      view.setBigUint64(at, BigInt(value as number | bigint), little);
      break;
  }
}

function show(value: number | bigint | Uint8Array): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value < 10 ? `${value}` : `${value.toString(16)}h`;
}
