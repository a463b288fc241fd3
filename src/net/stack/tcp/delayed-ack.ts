import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';

/** As Linux has it; RFC 1122, 4.2.3.2, allows half a second. */
const DELAY: Nanos = 40_000_000;
/** An acknowledgment is due for every second segment. */
const SEGMENTS = 2;

/** An acknowledgment that waits for something to go with (RFC 1122, 4.2.3.2). */
export class DelayedAck {
  private readonly clock: Clock;
  private readonly timer: Timer;
  private segments = 0;
  private bytes = 0;

  constructor(clock: Clock, send: () => void) {
    this.clock = clock;
    this.timer = clock.timer('tcp ack', send);
  }

  /** A segment of so many bytes came in order. @returns whether that is to be said at once. */
  owe(count: number, mss: number): boolean {
    this.segments++;
    this.bytes += count;
    if (this.segments >= SEGMENTS || this.bytes > mss) return true;
    if (!Number.isFinite(this.timer.due)) this.timer.arm(DELAY);
    return false;
  }

  /** It was said. */
  paid(): void {
    this.segments = this.bytes = 0;
    this.timer.disarm();
  }

  close(): void {
    this.clock.remove(this.timer);
  }
}
