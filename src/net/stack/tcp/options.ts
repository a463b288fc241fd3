import { get16, get32, put16, put32 } from '../../../core/big-endian.ts';
import { TCP_FLAGS } from '../../frame/headers.ts';
import type { Sequence } from './sequence.ts';

const { SYN } = TCP_FLAGS.mask;
/** Option kinds: RFC 9293, 3.2; RFC 7323, 2.2 and 3.2; RFC 2018, 2 and 3. */
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
/** RFC 7323, 2.3: a larger shift count is treated as this. */
const SHIFT_MAX = 14;
/** Maximum bytes of options in a header. */
const MOST = 40;
/** Bytes of the timestamps option in each segment, with padding. */
export const TIMESTAMPS_BYTES = 12;

/** The sender's timestamp, and the echoed one. */
export interface Timestamps {
  readonly value: number;
  readonly echo: number;
}

/** A SACK block: from one sequence number to before another. */
export type Block = readonly [from: Sequence, to: Sequence];

/** The options of a segment. */
export interface TcpOptions {
  /** In a SYN: the maximum segment size, and the window shift; null if absent. */
  readonly mss: number | null;
  readonly shift: number | null;
  /** In a SYN: SACK is permitted. */
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
    // An option with an invalid length, or one beyond the header, ends the list.
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

/** Aligned to words, as is usual: timestamps and blocks each after two bytes of NOP. */
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
