import type { Nanos } from '../core/bits.ts';
import type { Clock } from '../core/clock.ts';

/** The counter of an 8254 loads its count, lets OUT fall, then rise: of so many firings one may be heard. */
const FIRINGS = 3;

/**
 * A wait without a limit. It is in vain once nothing is due that could end it: no timer but those that tick, each of
 * which has ticked, and no interrupt came of it.
 *
 * @example
 * const endless = new EndlessWait(clock);
 * while (!until() && !endless.isInVain(cpu.takeInterrupts(end))) clock.step(end);
 */
export class EndlessWait {
  private readonly clock: Clock;
  /** How often each timer has fired since there was hope, at least; and when all have once more. */
  private firings = 0;
  private next: Nanos = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @param interrupted the CPU took an interrupt since the last call. */
  isInVain(interrupted: boolean): boolean {
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
