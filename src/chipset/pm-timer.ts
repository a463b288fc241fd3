import type { Nanos } from '../core/bits.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { ticksIn, timeOf } from './ticks.ts';

const HERTZ = 3_579_545;
const COUNTER = 0x100_0000;
/** TMROF is set whenever bit 23 toggles: twice per round of the counter, each 2.3435 s. */
const HALF_ROUND = 0x80_0000;

/**
 * The ACPI power management timer: 24 bits at 3.579545 MHz, exactly, from virtual time. It costs nothing until it is
 * read; only a needed overflow uses a timer of the clock.
 */
export class PmTimer {
  private readonly clock: Clock;
  private readonly timer: Timer;
  private start: Nanos = 0;
  /** Toggles of bit 23 seen so far. */
  private seen = 0;

  /** `overflowed` is called at the time of an overflow requested by `expectOverflow`. */
  constructor(name: string, clock: Clock, overflowed: () => void) {
    this.clock = clock;
    this.timer = clock.timer(name, overflowed);
  }

  get count(): number {
    return this.ticks() % COUNTER;
  }

  /** Whether bit 23 has toggled since the last call. */
  takeOverflow(): boolean {
    const toggles = Math.floor(this.ticks() / HALF_ROUND);
    const overflowed = toggles !== this.seen;
    this.seen = toggles;
    return overflowed;
  }

  /** Sets whether the next overflow is reported. */
  expectOverflow(wanted: boolean): void {
    if (wanted) this.timer.armAt(this.start + timeOf((this.seen + 1) * HALF_ROUND, HERTZ));
    else this.timer.disarm();
  }

  /** Counts from 0 again. */
  reset(): void {
    this.start = this.clock.now;
    this.seen = 0;
    this.timer.disarm();
  }

  close(): void {
    this.clock.remove(this.timer);
  }

  private ticks(): number {
    return ticksIn(this.clock.now - this.start, HERTZ);
  }
}
