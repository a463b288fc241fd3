import type { Nanos } from '../../../core/bits.ts';

/** RFC 6298, 2, in nanoseconds; the minimum is less than its one second, as is usual. */
const [FIRST, LEAST, MOST]: readonly [Nanos, Nanos, Nanos] = [1_000_000_000, 200_000_000, 60_000_000_000];
const [ALPHA, BETA, K] = [1 / 8, 1 / 4, 4];

/** Round-trip time and retransmission timeout (RFC 6298). */
export class RoundTrip {
  /** Retransmission timeout in nanoseconds. */
  timeout: Nanos = FIRST;
  /** Timeouts since the last acknowledgment. */
  lost = 0;
  private smoothed: Nanos | null = null;
  private variation: Nanos = 0;
  private timed: { readonly upTo: number; readonly at: Nanos } | null = null;

  /** A segment sent for the first time ends at `upTo`. */
  begin(upTo: number, now: Nanos): void {
    this.timed ??= { upTo, at: now };
  }

  /** All before `upTo` is acknowledged. */
  end(upTo: number, now: Nanos): void {
    if (this.timed === null || upTo < this.timed.upTo) return;
    this.measure(now - this.timed.at);
    this.timed = null;
  }

  /** The peer echoed when the acknowledged segment was sent. */
  sample(taken: Nanos): void {
    this.timed = null;
    this.measure(taken);
  }

  /** A retransmission is not measured: it is unknown which copy was acknowledged (Karn). */
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
