import { crc32 } from './crc32.ts';

/** Kernels are packed with `xz --x86`, a filter that the decompressor lacks: it gets each block without it. */

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];

const STREAM_HEADER = 12;

const X86 = 0x04;

/** Each needs a decompressor of its own. xz makes blocks of a MiB and more. */
const MOST_BLOCKS = 4096;

const LZMA2 = 0x21;

/** Bytes of a block's check, by the type that the stream's header names. */
const CHECK_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

interface Block {
  /** LZMA2's property: the size of its dictionary. */
  readonly dictionary: number;
  readonly filters: readonly number[];
  /** Where its data begins. */
  readonly data: number;
}

/** Whether the first block of an xz file goes through the x86 filter, then LZMA2. */
export function hasX86Filter(bytes: Uint8Array): boolean {
  const { filters } = blockAt(bytes, STREAM_HEADER);
  return filters.length === 2 && filters[0] === X86 && filters[1] === LZMA2;
}

/** Each block as an xz file of its own, with LZMA2 alone and no check. */
export function* withoutX86Filter(bytes: Uint8Array): Generator<Uint8Array> {
  const check = CHECK_BYTES[bytes[7]! & 0xf];
  if (check === undefined) throw new Error('a check of unknown size');
  let at = STREAM_HEADER;
  let count = 0;
  // Where a block's header would begin, a zero begins the index.
  while (at < bytes.length && bytes[at] !== 0) {
    if (++count > MOST_BLOCKS) throw new Error(`more than ${MOST_BLOCKS} blocks`);
    const { data, dictionary } = blockAt(bytes, at);
    const { packed, unpacked } = lzma2Size(bytes, data);
    yield xzOf(bytes.subarray(data, data + packed), dictionary, unpacked);
    at = data + padded(packed) + check;
  }
}

function blockAt(bytes: Uint8Array, at: number): Block {
  const count = (bytes[at + 1]! & 3) + 1;
  let next = at + 2;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[next++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  if (bytes[at + 1]! & 0x40) number();
  if (bytes[at + 1]! & 0x80) number();
  const filters: number[] = [];
  let dictionary = 0;
  for (let i = 0; i < count; i++) {
    filters.push(number());
    const size = number();
    if (filters[i] === LZMA2) dictionary = bytes[next] ?? 0;
    next += size;
  }
  return { dictionary, filters, data: at + (bytes[at]! + 1) * 4 };
}

/** Walks the chunks of LZMA2 by their lengths, to the zero behind the last. */
function lzma2Size(bytes: Uint8Array, start: number): { readonly packed: number; readonly unpacked: number } {
  let at = start;
  let unpacked = 0;
  for (;;) {
    const control = bytes[at];
    if (control === undefined) throw new Error('a block has no end');
    if (control === 0) return { packed: at + 1 - start, unpacked };
    const low = ((bytes[at + 1]! << 8) | bytes[at + 2]!) + 1;
    if (control >= 0x80) {
      unpacked += ((control & 0x1f) << 16) + low;
      at += (control >= 0xc0 ? 6 : 5) + ((bytes[at + 3]! << 8) | bytes[at + 4]!) + 1;
    } else if (control <= 2) {
      unpacked += low;
      at += 3 + low;
    } else throw new Error(`a chunk of kind ${control}`);
  }
}

function xzOf(data: Uint8Array, dictionary: number, unpacked: number): Uint8Array {
  const flags = [0, 0];
  const block = [2, 0, LZMA2, 1, dictionary, 0, 0, 0];
  const header = block.length + 4;
  const index = [0, 1, ...numberBytes(header + data.length), ...numberBytes(unpacked)];
  while (index.length % 4 > 0) index.push(0);
  const footer = [...wordBytes((index.length + 4) / 4 - 1), ...flags];
  return Buffer.concat([
    Uint8Array.from([...MAGIC, ...flags, ...wordBytes(crc32(flags)), ...block, ...wordBytes(crc32(block))]),
    data,
    new Uint8Array(padded(data.length) - data.length),
    Uint8Array.from([
      ...index,
      ...wordBytes(crc32(index)),
      ...wordBytes(crc32(footer)),
      ...footer,
      0x59,
      0x5a,
    ]),
  ]);
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function wordBytes(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

/** xz's own form of a number: seven bits a byte, the lowest first. */
function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** An opcode and its operand. */
const CALL = 5;
/**
 * Which of the last three bytes were opcodes, one bit each; selects whether the operand behind may still be an
 * address.
 */
const MAY_CONVERT = [true, true, true, false, true, false, false, false];
/** The byte of the operand that the nearest of those opcodes had converted. */
const CONVERTED = [0, 1, 2, 2, 3, 3, 3, 3];

const isSign = (byte: number): boolean => byte === 0x00 || byte === 0xff;

/**
 * The x86 filter of xz, backwards: the operands of CALL and JMP were made absolute before packing, and become
 * relative again. (xz file format 5.3.2; the state is that of the LZMA SDK's filter, which the format refers to.)
 */
export class X86Filter {
  private readonly sink: (piece: Uint8Array) => void;
  private rest: Uint8Array = new Uint8Array(0);
  /** The position of `rest` in the block. */
  private position = 0;
  private mask = 0;
  /** The last opcode, counted from the beginning of `rest`. */
  private last = -1;

  constructor(sink: (piece: Uint8Array) => void) {
    this.sink = sink;
  }

  push(piece: Uint8Array): void {
    const bytes = Buffer.concat([this.rest, piece]);
    const done = bytes.length < CALL ? 0 : this.convert(bytes);
    this.sink(bytes.subarray(0, done));
    this.rest = bytes.subarray(done);
    this.position += done;
    this.last -= done;
  }

  /** The last bytes are not a whole call. */
  end(): void {
    this.sink(this.rest);
    this.rest = new Uint8Array(0);
  }

  /** @returns how many bytes are final. */
  private convert(bytes: Buffer): number {
    let at = 0;
    for (; at + CALL <= bytes.length; at++) {
      if ((bytes[at]! & 0xfe) !== 0xe8) continue;
      const near = at - this.last;
      this.mask = near > 3 ? 0 : (this.mask << (near - 1)) & 7;
      this.last = at;
      const inside = this.mask > 0 && this.isOperandOf(bytes, at);
      if (inside || !isSign(bytes[at + 4]!)) this.mask = (this.mask << 1) | 1;
      else {
        bytes.writeUInt32LE(this.relative(bytes.readUInt32LE(at + 1), at), at + 1);
        at += 4;
      }
    }
    return at;
  }

  private isOperandOf(bytes: Buffer, at: number): boolean {
    return !MAY_CONVERT[this.mask] || isSign(bytes[at + 4 - CONVERTED[this.mask]!]!);
  }

  private relative(absolute: number, at: number): number {
    const next = this.position + at + CALL;
    const shift = CONVERTED[this.mask]! * 8;
    let address = absolute;
    let offset = (address - next) >>> 0;
    while (this.mask > 0 && isSign((offset >>> (24 - shift)) & 0xff)) {
      address = (offset ^ (2 ** (32 - shift) - 1)) >>> 0;
      offset = (address - next) >>> 0;
    }
    const low = offset & 0x01ff_ffff;
    // The sign, in bit 24, fills the highest byte.
    return (low & 0x0100_0000 ? low | 0xff00_0000 : low) >>> 0;
  }
}
