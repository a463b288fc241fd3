import type { Nanos } from '../../../core/bits.ts';
import { type TcpOptions, TIMESTAMPS_BYTES } from './options.ts';
import { PeerTime } from './peer-time.ts';

/** RFC 9293, 3.7.1: for a peer without the option. */
const DEFAULT_MSS = 536;
/** Shift of the windows that this end advertises. */
export const SHIFT = 4;
/** In a SYN: the peer's time is not known yet. */
const NOBODY = new PeerTime();

/** The options that both ends of a connection agreed on by their SYNs. */
export class Terms {
  /** Shift of the peer's windows, and of this end's. */
  readonly shifts: { readonly theirs: number; readonly ours: number };
  /** Timestamps; null if one end has none. */
  readonly time: PeerTime | null;
  /** SACK. */
  readonly selective: boolean;
  /** Maximum payload bytes of a segment to the peer. */
  readonly mss: number;

  /** @param syn the peer's; null before it came. @param most the maximum payload that this end accepts. */
  constructor(syn: TcpOptions | null, most: number, now: Nanos) {
    const { mss = null, shift = null, timestamps, blocksPermitted = false } = syn ?? {};
    this.shifts = shift === null ? { theirs: 0, ours: 0 } : { theirs: shift, ours: SHIFT };
    this.time = timestamps ? new PeerTime() : null;
    if (timestamps) this.time?.hear(timestamps, now);
    this.selective = blocksPermitted;
    const longest = Math.min(mss ?? DEFAULT_MSS, most);
    this.mss = Math.max(1, longest - (timestamps ? TIMESTAMPS_BYTES : 0));
  }

  /** The options of this end's SYN: all that it supports, if the peer's SYN has not come yet. */
  say(most: number, isAnswer: boolean, now: Nanos): TcpOptions {
    if (!isAnswer) return { mss: most, shift: SHIFT, blocksPermitted: true, timestamps: NOBODY.stamp(now) };
    const shift = this.shifts.ours === 0 ? null : SHIFT;
    const timestamps = this.time?.stamp(now) ?? null;
    return { mss: most, shift, blocksPermitted: this.selective, timestamps };
  }
}
