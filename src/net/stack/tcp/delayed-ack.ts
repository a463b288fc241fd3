import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';

/** Delay as in Linux; RFC 1122, 4.2.3.2, allows half a second. */
const DELAY: Nanos = 40_000_000;
/** An acknowledgment is due for every second segment. */
const SEGMENTS = 2;

/** A delayed acknowledgment, which waits for a segment to go with (RFC 1122, 4.2.3.2). */
export class DelayedAck {
  private readonly clock: Clock;
  private readonly send: () => void;
  /** Made at the first delay: many connections never have one. */
  private timer: Timer | null = null;
  private segments = 0;
  private bytes = 0;

  constructor(clock: Clock, send: () => void) {
    this.clock = clock;
    this.send = send;
  }

  /** A segment of so many bytes came in order. @returns whether it must be acknowledged at once. */
  owe(count: number, mss: number): boolean {
    this.segments++;
    this.bytes += count;
    if (this.segments >= SEGMENTS || this.bytes > mss) return true;
    this.timer ??= this.clock.timer('tcp ack', this.send);
    if (!Number.isFinite(this.timer.due)) this.timer.arm(DELAY);
    return false;
  }

  /** The acknowledgment was sent. */
  paid(): void {
    this.segments = this.bytes = 0;
    this.timer?.disarm();
  }

  close(): void {
    if (this.timer !== null) this.clock.remove(this.timer);
    this.timer = null;
  }
}
