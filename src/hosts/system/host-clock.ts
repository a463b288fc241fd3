import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';

/** In milliseconds, as all here: the host's timers are no finer. */
const TIMER_STEP = 1;
/**
 * The longest time that the clock stands still: a connection from outside must find the guest at the host's time, or its
 * timeouts would expire as soon as the clock moves.
 */
const STANDS_MAX = 10;

/**
 * A machine's clock, advanced by the host's: the client's guest lives in the host's time. No two runs are the same.
 *
 * @example
 * const time = new HostClock(clock);
 * time.catchUp();               // before each access
 * time.wake();                  // after it: from now on the clock goes by itself
 * time.stop();
 */
export class HostClock {
  private readonly clock: Clock;
  private readonly failed: (error: unknown) => void;
  private readonly before: () => void;
  /** The host's time at which the machine's would have been 0. */
  private readonly zero: number;
  private timer: NodeJS.Timeout | null = null;
  private due = Number.POSITIVE_INFINITY;

  /**
   * @param failed gets errors of the user's code in a timer, and of `before`.
   * @param before is called before the clock moves by itself.
   */
  constructor(clock: Clock, failed: (error: unknown) => void, before = () => {}) {
    this.clock = clock;
    this.failed = failed;
    this.before = before;
    this.zero = performance.now() - clock.now / 1e6;
  }

  /** @returns the host's time in milliseconds, as `performance.now()` has it. */
  catchUp(): number {
    const host = performance.now();
    const now: Nanos = Math.floor((host - this.zero) * 1e6);
    this.clock.advance(Math.max(0, now - this.clock.now));
    return host;
  }

  /** Ensures that the next timer fires in time, even without an access. */
  wake(): void {
    const { now } = this.clock;
    const next = Math.min(this.clock.next, now + STANDS_MAX * 1e6);
    if (this.timer !== null) {
      if (next >= this.due) return;
      clearTimeout(this.timer);
    }
    this.due = next;
    this.timer = setTimeout(() => this.fire(), Math.max(TIMER_STEP, (next - now) / 1e6));
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private fire(): void {
    this.timer = null;
    try {
      this.before();
      this.catchUp();
    } catch (error) {
      this.failed(error);
    }
    this.wake();
  }
}

/** The process does other work for at least this long. */
export async function pause(idle: Nanos): Promise<void> {
  const wait = idle / 1e6;
  await (wait < TIMER_STEP ? turn() : sleep(wait));
}
