import type { Nanos } from '../../../core/bits.ts';
import { type TcpOptions, TIMESTAMPS_BYTES, type Timestamps } from './options.ts';
import { ahead } from './sequence.ts';

/** RFC 9293, 3.7.1: for a peer without the option. */
const DEFAULT_MSS = 536;

const MILLISECOND: Nanos = 1_000_000;
const DAY: Nanos = 86_400_000_000_000;
/** RFC 7323, 5.5: a timestamp older than this is ignored. */
const FORGOTTEN = 24 * DAY;

/** Timestamps of a connection, if both ends have them (RFC 7323, 3 to 5): milliseconds. */
class PeerTime {
  /** The peer's last timestamp in order, and when it came. */
  private recent = 0;
  private heardAt: Nanos = 0;

  /** This end's timestamp now. */
  stamp(now: Nanos): Timestamps {
    return { value: millisecondsOf(now), echo: this.recent };
  }

  /**
   * Checks a segment's timestamp. `old` is an old segment (PAWS), `none` one without a timestamp.
   *
   * @param inOrder it does not begin after the acknowledged data: then its timestamp is echoed.
   */
  take(told: Timestamps | null | undefined, inOrder: boolean, now: Nanos): 'fine' | 'old' | 'none' {
    if (!told) return 'none';
    if (ahead(told.value, this.recent) < 0 && now - this.heardAt < FORGOTTEN) return 'old';
    if (inOrder) this.hear(told, now);
    return 'fine';
  }

  /** Keeps it as the one to echo. */
  hear({ value }: Timestamps, now: Nanos): void {
    this.recent = value;
    this.heardAt = now;
  }

  /** The time since this end sent the timestamp that the peer echoes. */
  since({ echo }: Timestamps, now: Nanos): Nanos {
    return Math.max(0, ahead(millisecondsOf(now), echo)) * MILLISECOND;
  }
}

/** Never 0, which many treat as absent. */
function millisecondsOf(now: Nanos): number {
  return (1 + Math.floor(now / MILLISECOND)) % 2 ** 32;
}

/** Shift of the windows that this end advertises. */
export const SHIFT = 4;
/** In a SYN: the peer's time is not known yet. */
const NO_PEER = new PeerTime();

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
    if (!isAnswer) return { mss: most, shift: SHIFT, blocksPermitted: true, timestamps: NO_PEER.stamp(now) };
    const shift = this.shifts.ours === 0 ? null : SHIFT;
    const timestamps = this.time?.stamp(now) ?? null;
    return { mss: most, shift, blocksPermitted: this.selective, timestamps };
  }
}
