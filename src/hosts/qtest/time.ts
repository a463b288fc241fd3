import type { Nanos } from '../../core/bits.ts';
import { type Clock, TIME_END } from '../../core/clock.ts';
import { WireError } from './wire-error.ts';

/** Timers that may fire in one command: a client must not keep the machine busy without end. */
const MOST = 5_000_000;
/** Steps of a byte through a serial port, several times over. */
const AT_ONCE = 64;

/** Virtual time under the client's control: nothing else advances it. */
export class WireTime {
  private readonly clock: Clock;
  private readonly most: number;

  /** @param most timers that may fire in one command. */
  constructor(clock: Clock, most: number = MOST) {
    this.clock = clock;
    this.most = most;
  }

  /**
   * Runs timers that are due within a nanosecond: if time stands still, a byte would never leave a port that takes no
   * time for it.
   */
  settle(): void {
    const { clock } = this;
    for (let steps = 0; clock.next <= clock.now + 1 && steps < AT_ONCE; steps++) clock.advance(1);
  }

  /** To the next timer. */
  next(): string {
    const { deadline } = this.clock;
    if (deadline > TIME_END)
      throw new WireError('cannot advance clock to the next deadline because there is no pending deadline');
    return this.to(deadline);
  }

  by(nanos: Nanos): string {
    if (!(nanos > 0)) throw new WireError('could not advance time');
    return this.to(this.clock.now + nanos);
  }

  /** @returns `OK` and the time, or `FAIL` and the present time; time never goes back. */
  set(to: Nanos): string {
    const { clock } = this;
    if (to < clock.now) return `FAIL ${clock.now}`;
    return to === clock.now ? `OK ${to}` : this.to(to);
  }

  private to(end: Nanos): string {
    const { clock, most } = this;
    if (!(end <= TIME_END)) throw new WireError(`virtual time ends at ${TIME_END}`);
    for (let fired = 0; clock.now < end; fired++) {
      if (fired > most)
        throw new WireError(`${most} timers fired on the way to ${end}: time stands at ${clock.now}`);
      clock.step(end);
    }
    return `OK ${clock.now}`;
  }
}
