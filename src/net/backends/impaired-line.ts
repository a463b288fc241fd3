import type { Nanos } from '../../core/bits.ts';
import type { Random } from '../../core/random.ts';
import type { Impairments } from './impairments.ts';

/** Frames that may wait on one line; more are lost, as in a full transmit queue (Linux's netem: 1000). */
const WAITING_MOST = 1000;
/** Preamble, frame check sequence and interframe gap, which take wire time too (IEEE 802.3, 4.4.2). */
const OVERHEAD_BYTES = 24;
const HELD_BACK: Nanos = 1e6;

/** A frame in transit. */
interface Waiting {
  readonly at: Nanos;
  readonly frame: Uint8Array;
}

/** One direction of an impaired wire. */
export class Line {
  lost = 0;
  private readonly bad: Impairments;
  private readonly random: Random;
  private readonly to: (frame: Uint8Array) => void;
  /** In order of delivery time, then of arrival. */
  private readonly waiting: Waiting[] = [];
  /** When the last bit of the previous frame has left. */
  private free: Nanos = 0;

  constructor(bad: Impairments, random: Random, to: (frame: Uint8Array) => void) {
    this.bad = bad;
    this.random = random;
    this.to = to;
  }

  /** When the next frame is to be delivered, or Infinity. */
  get due(): Nanos {
    return this.waiting[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.waiting.length = 0;
    this.free = 0;
  }

  take(frame: Uint8Array, now: Nanos): void {
    const { loss = 0, duplicate = 0 } = this.bad;
    if (this.happens(loss)) this.lost++;
    else {
      this.carry(frame, now);
      if (this.happens(duplicate)) this.carry(frame, now);
    }
  }

  deliver(now: Nanos): void {
    while (this.due <= now) this.to(this.waiting.shift()!.frame);
  }

  private carry(lent: Uint8Array, now: Nanos): void {
    const { corrupt = 0 } = this.bad;
    const frame = this.happens(corrupt) ? this.spoilt(lent) : lent;
    const at = this.arrival(frame.length, now);
    if (at <= now && this.waiting.length === 0) this.to(frame);
    else if (this.waiting.length === WAITING_MOST) this.lost++;
    else this.queue({ at, frame: frame === lent ? lent.slice() : frame });
  }

  private queue(one: Waiting): void {
    const { waiting } = this;
    const behind = waiting.findLastIndex(({ at }) => at <= one.at);
    waiting.splice(behind + 1, 0, one);
  }

  private arrival(bytes: number, now: Nanos): Nanos {
    const { delay = 0, jitter = 0, reorder = 0, heldBack = HELD_BACK, rate } = this.bad;
    const begins = Math.max(now, this.free);
    const sent = rate === undefined ? now : begins + ((bytes + OVERHEAD_BYTES) * 8e9) / rate;
    this.free = sent;
    return sent + delay + this.random.below(jitter) + (this.happens(reorder) ? heldBack : 0);
  }

  private spoilt(frame: Uint8Array): Uint8Array {
    const copy = frame.slice();
    const bit = this.random.below(8 * copy.length);
    if (copy.length > 0) copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  }

  /** Draws one number for each impairment, so that one chance does not change the effects of the others. */
  private happens(chance: number): boolean {
    return this.random.below(1e9) < chance * 1e9;
  }
}
