import type { Nanos } from '../core/bits.ts';
import { type Clock, TIME_END } from '../core/clock.ts';

/** The counter of an 8254 loads its count, lets OUT fall, then rise: only one of this many firings may interrupt. */
const FIRINGS = 3;

/**
 * A guest that asks for the time waits for it to pass: it gets this many answers, each later by an eighth, or at the
 * next tick.
 */
const LOOKS = 10_000;
const [FIRST, EIGHTH]: readonly [Nanos, number] = [1000, 1 / 8];

/**
 * A wait without a limit. It is in vain once no pending timer could end it: only periodic timers are left, each has
 * ticked without an interrupt, and the guest does not wait for a time.
 *
 * @example
 * const endless = new EndlessWait(clock);
 * while (!until() && !endless.isInVain(cpu.takeInterrupts(end), true)) clock.step(endless.horizon);
 */
export class EndlessWait {
  private readonly clock: Clock;
  /** How often each timer has fired, at least, since the last interrupt; and when all have fired once more. */
  private firings = 0;
  private next: Nanos = 0;
  private readonly begin: Nanos;
  private looks = 0;
  /** How far to go at most before the next look. */
  horizon: Nanos = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.clock = clock;
    this.begin = clock.now;
  }

  /** @param interrupted the CPU took an interrupt since the last call. @param asksTime the guest asked for the time. */
  isInVain(interrupted: boolean, asksTime: boolean): boolean {
    this.horizon = Number.POSITIVE_INFINITY;
    if (!this.nothingComes(interrupted)) return false;
    const { now } = this.clock;
    if (!asksTime || now >= TIME_END || this.looks++ === LOOKS) return true;
    this.firings = 0;
    this.horizon = Math.min(TIME_END, now + Math.max(FIRST, Math.ceil((now - this.begin) * EIGHTH)));
    return false;
  }

  private nothingComes(interrupted: boolean): boolean {
    const last = this.clock.lastTick;
    if (interrupted || last === Number.POSITIVE_INFINITY) {
      this.firings = 0;
      this.next = this.clock.now;
      return false;
    }
    if (last === 0) return true;
    if (this.clock.now < this.next) return false;
    this.next = last;
    return this.firings++ === FIRINGS;
  }
}
