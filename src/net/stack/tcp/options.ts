import { get16, get32, put16, put32 } from '../../frame/big-endian.ts';
import { TCP_FLAGS } from '../../frame/headers.ts';
import type { Sequence } from './sequence.ts';

const { SYN } = TCP_FLAGS.mask;
/** Kinds of options: RFC 9293, 3.2; RFC 7323, 2.2 and 3.2; RFC 2018, 2 and 3. */
const OPTION = {
  END: 0,
  NOP: 1,
  MSS: 2,
  WINDOW_SCALE: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  TIMESTAMPS: 8,
} as const;
const BYTES = { MSS: 4, WINDOW_SCALE: 3, SACK_PERMITTED: 2, SACK: 2, BLOCK: 8, TIMESTAMPS: 10 } as const;
/** RFC 7323, 2.3: a larger shift count is taken for this. */
const SHIFT_MAX = 14;
/** A header has room for so many bytes of options. */
const MOST = 40;
/** What timestamps take of each segment, with what fills up to words. */
export const TIMESTAMPS_BYTES = 12;

/** The sender's time, and that of the peer's which it heard last. */
export interface Timestamps {
  readonly value: number;
  readonly echo: number;
}

/** Bytes that came out of order: from one sequence number to before another. */
export type Block = readonly [from: Sequence, to: Sequence];

/** What the options of a segment say. */
export interface TcpOptions {
  /** Of a SYN: the longest payload that is taken, and the shift count of windows; null if it does not say. */
  readonly mss: number | null;
  readonly shift: number | null;
  /** Of a SYN: blocks may be told. */
  readonly blocksPermitted?: boolean;
  readonly timestamps?: Timestamps | null;
  readonly blocks?: readonly Block[];
}

export function optionsIn(bytes: Uint8Array): TcpOptions {
  const found: { -readonly [Name in keyof TcpOptions]: TcpOptions[Name] } = { mss: null, shift: null };
  for (let at = 0; at < bytes.length && bytes[at] !== OPTION.END; ) {
    if (bytes[at] === OPTION.NOP) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    // One that says that it has no end, or that it ends behind the header, is the last.
    if (length < 2 || at + length > bytes.length) break;
    const kind = bytes[at]!;
    if (kind === OPTION.MSS && length === BYTES.MSS) found.mss = get16(bytes, at + 2);
    if (kind === OPTION.WINDOW_SCALE && length === BYTES.WINDOW_SCALE)
      found.shift = Math.min(bytes[at + 2]!, SHIFT_MAX);
    if (kind === OPTION.SACK_PERMITTED && length === BYTES.SACK_PERMITTED) found.blocksPermitted = true;
    if (kind === OPTION.TIMESTAMPS && length === BYTES.TIMESTAMPS)
      found.timestamps = { value: get32(bytes, at + 2), echo: get32(bytes, at + 6) };
    if (kind === OPTION.SACK) found.blocks = blocksIn(bytes, at + BYTES.SACK, at + length);
    at += length;
  }
  return found;
}

function blocksIn(bytes: Uint8Array, from: number, to: number): Block[] {
  const blocks: Block[] = [];
  for (let at = from; at + BYTES.BLOCK <= to; at += BYTES.BLOCK)
    blocks.push([get32(bytes, at), get32(bytes, at + 4)]);
  return blocks;
}

/** In words, as everybody has them: timestamps and blocks each behind two bytes of nothing. */
export function optionsOf(
  flags: number,
  { mss, shift, blocksPermitted, timestamps, blocks = [] }: TcpOptions,
): Uint8Array {
  const bytes = new Uint8Array(MOST);
  let at = 0;
  if ((flags & SYN) !== 0) {
    if (mss !== null) {
      bytes.set([OPTION.MSS, BYTES.MSS], at);
      put16(bytes, at + 2, mss);
      at += BYTES.MSS;
    }
    if (shift !== null) {
      bytes.set([OPTION.NOP, OPTION.WINDOW_SCALE, BYTES.WINDOW_SCALE, shift], at);
      at += 1 + BYTES.WINDOW_SCALE;
    }
    if (blocksPermitted) {
      bytes.set([OPTION.NOP, OPTION.NOP, OPTION.SACK_PERMITTED, BYTES.SACK_PERMITTED], at);
      at += 2 + BYTES.SACK_PERMITTED;
    }
  }
  if (timestamps) {
    bytes.set([OPTION.NOP, OPTION.NOP, OPTION.TIMESTAMPS, BYTES.TIMESTAMPS], at);
    put32(bytes, at + 4, timestamps.value);
    put32(bytes, at + 8, timestamps.echo);
    at += TIMESTAMPS_BYTES;
  }
  const told = blocks.slice(0, Math.floor((MOST - at - 2 - BYTES.SACK) / BYTES.BLOCK));
  if (told.length === 0) return bytes.subarray(0, at);
  bytes.set([OPTION.NOP, OPTION.NOP, OPTION.SACK, BYTES.SACK + BYTES.BLOCK * told.length], at);
  at += 2 + BYTES.SACK;
  for (const [from, to] of told) {
    put32(bytes, at, from);
    put32(bytes, at + 4, to);
    at += BYTES.BLOCK;
  }
  return bytes.subarray(0, at);
}
