import type { Nanos } from '../../../core/bits.ts';
import { type TcpOptions, TIMESTAMPS_BYTES } from './options.ts';
import { PeerTime } from './peer-time.ts';

/** RFC 9293, 3.7.1: of a peer that does not say. */
const DEFAULT_MSS = 536;
/** By so much the windows are shifted that this end tells. */
export const SHIFT = 4;
/** Of who asks: the peer's time is not known yet. */
const NOBODY = new PeerTime();

/** What both ends of a connection have agreed to by their SYNs. */
export class Terms {
  /** Of windows that the peer tells, and of those told to it. */
  readonly shifts: { readonly theirs: number; readonly ours: number };
  /** Both tell their time; null where one does not. */
  readonly time: PeerTime | null;
  /** Both tell what came out of order. */
  readonly selective: boolean;
  /** Bytes of the longest payload that the peer is sent. */
  readonly mss: number;

  /** @param syn the peer's; null before it came. @param most what this end takes. */
  constructor(syn: TcpOptions | null, most: number, now: Nanos) {
    const { mss = null, shift = null, timestamps, blocksPermitted = false } = syn ?? {};
    this.shifts = shift === null ? { theirs: 0, ours: 0 } : { theirs: shift, ours: SHIFT };
    this.time = timestamps ? new PeerTime() : null;
    if (timestamps) this.time?.hear(timestamps, now);
    this.selective = blocksPermitted;
    const longest = Math.min(mss ?? DEFAULT_MSS, most);
    this.mss = Math.max(1, longest - (timestamps ? TIMESTAMPS_BYTES : 0));
  }

  /** What this end's SYN says: all that it could, to who has said nothing yet. */
  say(most: number, isAnswer: boolean, now: Nanos): TcpOptions {
    if (!isAnswer) return { mss: most, shift: SHIFT, blocksPermitted: true, timestamps: NOBODY.stamp(now) };
    const shift = this.shifts.ours === 0 ? null : SHIFT;
    const timestamps = this.time?.stamp(now) ?? null;
    return { mss: most, shift, blocksPermitted: this.selective, timestamps };
  }
}
