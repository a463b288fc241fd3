import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';
import type { GuestTime } from './time.ts';

/** In milliseconds: the host's timers are no finer. */
const TIMER_STEP = 1;
/** In milliseconds: if more passes between two checks, the host was doing other work. */
const GAP = 2;

/**
 * The machine's clock, advanced by the host's; no two runs are the same. Time in which the host does other work is
 * not the guest's, which would lose timer ticks. If accesses alone take longer, by the machine's option
 * `accessTime`, the clock runs ahead until the host has caught up.
 */
export class HostTime implements GuestTime {
  private readonly clock: Clock;
  private looked = 0;
  /** The machine's time without accesses. */
  private now: Nanos = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.follow();
  }

  follow(): void {
    this.looked = performance.now();
    this.now = this.clock.now;
  }

  /** The host's clock goes on while any of them executes. */
  share(): void {}

  milliseconds(): number {
    this.look(GAP);
    return Math.max(this.now, this.clock.now) / 1e6;
  }

  catchUp(): void {
    this.look(GAP);
    this.clock.advance(Math.max(0, Math.floor(this.now) - this.clock.now));
  }

  async idle(time: Nanos): Promise<void> {
    const wait = time / 1e6;
    await (wait < TIMER_STEP ? setImmediate() : setTimeout(wait));
    this.look(wait + GAP);
    this.catchUp();
  }

  private look(most: number): void {
    const before = this.looked;
    this.looked = performance.now();
    this.now += Math.min(this.looked - before, most) * 1e6;
  }
}
