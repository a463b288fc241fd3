import type { Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';

/** How long an instruction takes: 100 million a second. */
const INSTRUCTION: Nanos = 10;
/** Each read of the time advances it by this much, so that a loop that waits for it to pass ends. */
const LOOK: Nanos = 500;

/** Advances the machine's clock while the CPU runs. */
export interface GuestTime {
  /** @param instructions returns how many the CPU has executed, modulo 2^32; they count from this call on. */
  follow(instructions: () => number): void;
  /** From now on, this many CPUs on this clock execute in turn, each as fast as it would alone. */
  share(cpus: number): void;
  /** Milliseconds since power-on. Fires no timer, since it is called in the middle of an instruction. */
  milliseconds(): number;
  /** Brings the machine's clock up to date; its timers fire. */
  catchUp(): void;
  /** The CPU is halted, and nothing is due for this long. */
  idle(time: Nanos): void | Promise<void>;
}

/**
 * The machine's clock, advanced by what the CPU executes. The same run takes the same time, on any host at any load.
 */
export class VirtualTime implements GuestTime {
  private readonly clock: Clock;
  private instructions: () => number = () => 0;
  private seen = 0;
  /** Time since the last update of the clock, in nanoseconds and fractions of one. */
  private passed = 0;
  private instruction: number = INSTRUCTION;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  follow(instructions: () => number): void {
    this.instructions = instructions;
    this.seen = instructions();
  }

  share(cpus: number): void {
    this.count();
    this.instruction = INSTRUCTION / cpus;
  }

  milliseconds(): number {
    this.count();
    this.passed += LOOK;
    return (this.clock.now + this.passed) / 1e6;
  }

  catchUp(): void {
    this.count();
    const whole = Math.floor(this.passed);
    this.passed -= whole;
    this.clock.advance(whole);
  }

  idle(time: Nanos): void {
    this.clock.advance(time);
  }

  private count(): void {
    const now = this.instructions();
    this.passed += ((now - this.seen) >>> 0) * this.instruction;
    this.seen = now;
  }
}
