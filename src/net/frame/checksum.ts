import { setBytes } from '../../core/set-bytes.ts';
import { type Kernels, kernelsOf } from '../../core/wasm/kernels.ts';
import { SCRATCH_BYTES, type Scratch, scratchFor } from '../../core/wasm/scratch.ts';
import { ipv4, ipv6 } from './headers.ts';

/** Below the first, pairs of bytes are fastest; below the second if the array is another than before (measured, Node 20). */
const SHORT = 32;
const LONG = 64;
/** From this length on it is worth copying to where WebAssembly sums. */
const COPIED = 256;
const PER_WORD = 1 / 0x1_0000_0000;
const IPV6_ADDRESS = 16;

/**
 * The array summed last, its offset in its buffer, and the buffer's kernels: looking up the buffer costs as much as
 * summing 100 bytes, the offset 40, and a new view 400.
 */
let viewed: Uint8Array = new Uint8Array(0);
let base = 0;
let buffer: ArrayBufferLike = viewed.buffer;
let view: DataView | null = null;
let kernels: Kernels | null = null;
/** Undefined before the first use. */
let scratch: Scratch | null | undefined;

/**
 * The Internet checksum's sum (RFC 1071) of `bytes[from]` to `bytes[to − 1]`, not yet complemented: 16-bit
 * big-endian words counted from `from`, wherever that is, an odd last byte filled up with zero, carries added
 * back. `seed` is a sum to go on from, 0 to ffff. Result 0 to ffff. At most 65,536 words.
 */
export function internetSum(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  const count = to - from;
  if (count < SHORT || (viewed !== bytes && count < LONG)) return sumOfPairs(bytes, from, to, seed);
  if (viewed !== bytes) look(bytes);
  if (kernels !== null) return fold(seed + kernels.sum(base + from, count));
  return count < COPIED ? sumByWords(bytes, from, to, seed) : sumLong(bytes, from, to, seed);
}

function sumOfPairs(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let sum = seed;
  let at = from;
  for (; at < to - 1; at += 2) sum = (sum + ((bytes[at]! << 8) | bytes[at + 1]!)) | 0;
  if (at < to) sum = (sum + (bytes[at]! << 8)) | 0;
  return fold(sum);
}

function sumLong(bytes: Uint8Array, from: number, to: number, seed: number): number {
  const count = to - from;
  if (bytes.length <= SCRATCH_BYTES && bytes.length < 2 * count) {
    if (scratch === undefined) scratch = scratchFor('sum');
    if (scratch !== null) {
      setBytes(scratch.bytes, bytes, 0);
      return fold(seed + scratch.kernels.sum(scratch.at + from, count));
    }
  }
  return sumByWords(bytes, from, to, seed);
}

function sumByWords(bytes: Uint8Array, from: number, to: number, seed: number): number {
  const rest = to - ((to - from) & 15);
  const sum = fold(seed + sumOf16s(base + from, base + rest));
  return rest === to ? sum : sumOfPairs(bytes, rest, to, sum);
}

/** Combines two sums; the first must be over an even number of bytes. */
export function addSums(one: number, other: number): number {
  return fold(one + other);
}

/** What a checksum field holds: the sum's complement. Over a header with a good checksum in place it is 0. */
export function internetChecksum(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  return ~internetSum(bytes, from, to, seed) & 0xffff;
}

/** The sum of RFC 9293's and RFC 768's pseudo-header, addresses taken from the IPv4 header at `ip`. */
export function pseudoSum4(frame: Uint8Array, ip: number, protocol: number, length: number): number {
  return internetSum(frame, ip + ipv4.offset.source, ip + ipv4.size, fold(protocol + length));
}

/** The same for RFC 8200, section 8.1, addresses taken from the IPv6 header at `ip`. */
export function pseudoSum6(frame: Uint8Array, ip: number, protocol: number, length: number): number {
  return internetSum(frame, ip + ipv6.offset.source, ip + ipv6.size, fold(protocol + length));
}

/** Where a packet's addresses are, and its protocol, by the names of a `FrameLayout`. */
interface Addressed {
  readonly ip: number;
  readonly version: number;
  readonly protocol: number;
  readonly destination: number;
}

/** The same for either version, with the packet's final destination. */
export function pseudoSum(frame: Uint8Array, at: Addressed, length: number): number {
  const seed = fold(at.protocol + length);
  if (at.version === 6) {
    const source = at.ip + ipv6.offset.source;
    const sum = internetSum(frame, source, source + IPV6_ADDRESS, seed);
    return internetSum(frame, at.destination, at.destination + IPV6_ADDRESS, sum);
  }
  const source = at.ip + ipv4.offset.source;
  return fold(seed + wordsOf4(frame, source) + wordsOf4(frame, at.destination));
}

/** The sum of an IPv4 address. */
function wordsOf4(frame: Uint8Array, at: number): number {
  return ((frame[at]! << 8) | frame[at + 1]!) + ((frame[at + 2]! << 8) | frame[at + 3]!);
}

/** Adds carries back until none is left. */
function fold(sum: number): number {
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}

function look(bytes: Uint8Array): void {
  viewed = bytes;
  base = bytes.byteOffset;
  const its = bytes.buffer;
  if (its === buffer) return;
  buffer = its;
  view = null;
  kernels = kernelsOf(its);
}

/**
 * Sums the last array from `at` to `end` of its buffer, a multiple of 16 bytes, in 32-bit words, as doubles, which
 * need no carry handling: 65,536 words reach 2^47. The bytes of the sum may be swapped at the end instead of in each
 * word (RFC 1071, section 2).
 */
function sumOf16s(at: number, end: number): number {
  const words = (view ??= new DataView(buffer));
  let sum = 0;
  for (; at < end; at += 16)
    sum +=
      words.getUint32(at, true) +
      words.getUint32(at + 4, true) +
      words.getUint32(at + 8, true) +
      words.getUint32(at + 12, true);
  const low = sum >>> 0;
  const swapped = fold((low & 0xffff) + (low >>> 16) + Math.floor(sum * PER_WORD));
  return ((swapped & 0xff) << 8) | (swapped >>> 8);
}

/** Maximum bytes of input: two IPv6 addresses, two ports. */
const MOST = 36;
const BYTE = 256;

/**
 * The Toeplitz hash of receive-side scaling: for every set bit of the input, the 32 bits of the key that begin there.
 * The contribution of a byte at its place is looked up in a table, made once for the key. A key that is too short is
 * continued with zeros.
 *
 * @example
 * const toeplitz = new Toeplitz(key);
 * let hash = toeplitz.add(0, frame, 26, 8, 0);    // eight bytes of the frame from 26 on, as the first of the input
 * hash = toeplitz.add(hash, frame, 34, 4, 8);     // and four more after them
 * hash >>> 0;
 */
export class Toeplitz {
  private readonly table = new Int32Array(MOST * BYTE);

  constructor(key: Uint8Array) {
    for (let place = 0; place < MOST; place++)
      for (let bit = 0; bit < 8; bit++) this.fill(place, 0x80 >> bit, window(key, place * 8 + bit));
  }

  /** The hash of an input that continues with `count` bytes of `bytes`, which are its bytes from `place` on. */
  add(hash: number, bytes: Uint8Array, from: number, count: number, place: number): number {
    const { table } = this;
    let sum = hash;
    for (let i = 0; i < count; i++) sum ^= table[(place + i) * BYTE + bytes[from + i]!]!;
    return sum;
  }

  private fill(place: number, bit: number, value: number): void {
    for (let byte = 0; byte < BYTE; byte++) if ((byte & bit) !== 0) this.table[place * BYTE + byte]! ^= value;
  }
}

/** 32 bits of the key, from the bit `at` on. */
function window(key: Uint8Array, at: number): number {
  const first = at >> 3;
  const shift = at & 7;
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (key[first + i] ?? 0);
  return shift === 0 ? word : (word << shift) | ((key[first + 4] ?? 0) >> (8 - shift));
}
