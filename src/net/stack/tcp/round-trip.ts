import type { Nanos } from '../../../core/bits.ts';

/** RFC 6298, 2, in nanoseconds; the least is less than its second, as everywhere. */
const [FIRST, LEAST, MOST]: readonly [Nanos, Nanos, Nanos] = [1_000_000_000, 200_000_000, 60_000_000_000];
const [ALPHA, BETA, K] = [1 / 8, 1 / 4, 4];

/** How long a segment and its acknowledgment take, and when one is given up for lost (RFC 6298). */
export class RoundTrip {
  /** Nanoseconds after which it is lost. */
  timeout: Nanos = FIRST;
  /** How often it was lost since anything was heard. */
  lost = 0;
  private smoothed: Nanos | null = null;
  private variation: Nanos = 0;
  private timed: { readonly upTo: number; readonly at: Nanos } | null = null;

  /** One that was not sent before ends at `upTo`. */
  begin(upTo: number, now: Nanos): void {
    this.timed ??= { upTo, at: now };
  }

  /** All before `upTo` is acknowledged. */
  end(upTo: number, now: Nanos): void {
    if (this.timed === null || upTo < this.timed.upTo) return;
    this.measure(now - this.timed.at);
    this.timed = null;
  }

  /** The peer said when that was sent what it acknowledges. */
  sample(taken: Nanos): void {
    this.timed = null;
    this.measure(taken);
  }

  /** What is sent twice measures nothing: which of both was acknowledged nobody knows (Karn). */
  forget(): void {
    this.timed = null;
  }

  backOff(): void {
    this.lost++;
    this.timed = null;
    this.timeout = Math.min(this.timeout * 2, MOST);
  }

  private measure(taken: Nanos): void {
    if (this.smoothed === null) {
      this.smoothed = taken;
      this.variation = taken / 2;
    } else {
      this.variation += BETA * (Math.abs(this.smoothed - taken) - this.variation);
      this.smoothed += ALPHA * (taken - this.smoothed);
    }
    this.timeout = Math.min(Math.max(this.smoothed + K * this.variation, LEAST), MOST);
  }
}
