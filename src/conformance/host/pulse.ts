import type { Tap } from '../../core/access.ts';

/** One access in so many looks at the clock, which takes longer than most accesses. */
const OFTEN = 8;
/** The part of a driver's time after which it asks what was computed, too, which takes longer still. */
const SELDOM = 0.05;

/** What was computed when somebody asked last: one for all drivers of a process, and most have one run after the other. */
let asked = { at: Number.NEGATIVE_INFINITY, usage: { user: 0, system: 0 } };

/**
 * For how long a guest has made no access, by the host's clock and by what its processors did meanwhile.
 *
 * @example
 * const pulse = new Pulse(1000);
 * machine.observe(pulse);
 * pulse.theirs(() => driver.run());
 * pulse.silence;                   // milliseconds
 * pulse.computed;                  // of which so many of a processor; less where the host did something else
 * pulse.accesses;                  // how many there were before
 */
export class Pulse implements Tap {
  accesses = 0;
  private last = performance.now();
  private inside = 0;
  private readonly seldom: number;

  /** @param hostTime milliseconds that the guest has. */
  constructor(hostTime: number) {
    this.seldom = hostTime * SELDOM;
  }

  begin(): void {
    this.accesses++;
    if (this.accesses % OFTEN === 0) this.look();
  }

  end(): void {}

  /** Calls the guest: what is done around it, at the machine's other end, is no silence of its. */
  theirs<T>(act: () => T): T {
    this.inside++;
    this.look();
    try {
      return act();
    } finally {
      this.inside--;
    }
  }

  get silence(): number {
    return this.inside > 0 ? performance.now() - this.last : 0;
  }

  get computed(): number {
    const { user, system } = process.cpuUsage(asked.usage);
    return (user + system) / 1000;
  }

  private look(): void {
    this.last = performance.now();
    if (this.last - asked.at > this.seldom) asked = { at: this.last, usage: process.cpuUsage() };
  }
}
