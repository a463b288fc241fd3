import type { Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';

/** An instruction takes so long: 100 million a second. */
const INSTRUCTION: Nanos = 10;
/** A look at the time takes so long, so that who waits for it to pass does not wait for ever. */
const LOOK: Nanos = 500;

/**
 * The machine's clock, moved on by what the CPU executes. The same run takes the same time, on any host at any load.
 */
export class VirtualTime {
  private readonly clock: Clock;
  private instructions: () => number = () => 0;
  private seen = 0;
  /** Passed since the clock was last brought up to date. */
  private passed: Nanos = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @param instructions how many the CPU executed, modulo 2^32. Until now there was none. */
  follow(instructions: () => number): void {
    this.instructions = instructions;
    this.seen = instructions();
  }

  /** Milliseconds since power came on. Fires no timer: it is asked in the middle of an instruction. */
  milliseconds(): number {
    this.count();
    this.passed += LOOK;
    return (this.clock.now + this.passed) / 1e6;
  }

  /** Brings the machine's clock up to date; its timers fire. */
  catchUp(): void {
    this.count();
    const { passed } = this;
    this.passed = 0;
    this.clock.advance(passed);
  }

  /** The CPU is halted: so much time passes. */
  idle(time: Nanos): void {
    this.clock.advance(time);
  }

  private count(): void {
    const now = this.instructions();
    this.passed += ((now - this.seen) >>> 0) * INSTRUCTION;
    this.seen = now;
  }
}

/** Less than this ahead of the host's time nobody waits: its timers are no finer. */
const AHEAD = 5;

/** Keeps virtual time from running ahead of the host's. */
export class Pace {
  private readonly guest: Nanos;
  private readonly host = performance.now();

  /** @param now the virtual time that is the host's now. */
  constructor(now: Nanos) {
    this.guest = now;
  }

  async wait(now: Nanos): Promise<void> {
    const ahead = (now - this.guest) / 1e6 - (performance.now() - this.host);
    if (ahead > AHEAD) await new Promise((resume) => setTimeout(resume, ahead));
  }
}
