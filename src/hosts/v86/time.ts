import type { Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';

/** How long an instruction takes: 100 million a second. */
const INSTRUCTION: Nanos = 10;
/** Each look at the time moves it on by this much, so that a loop that waits for it to pass ends. */
const LOOK: Nanos = 500;

/** What moves the machine's clock on while the CPU runs. */
export interface GuestTime {
  /** @param instructions tells how many the CPU has executed, modulo 2^32; they count from this call on. */
  follow(instructions: () => number): void;
  /** So many CPUs on this clock execute by turns from now on, and each as fast as it would alone. */
  share(cpus: number): void;
  /** Milliseconds since power-on. Fires no timer, since it is called in the middle of an instruction. */
  milliseconds(): number;
  /** Brings the machine's clock up to date; its timers fire. */
  catchUp(): void;
  /** The CPU is halted, and nothing is due for so long. */
  idle(time: Nanos): void | Promise<void>;
}

/**
 * The machine's clock, moved on by what the CPU executes. The same run takes the same time, on any host at any load.
 */
export class VirtualTime implements GuestTime {
  private readonly clock: Clock;
  private instructions: () => number = () => 0;
  private seen = 0;
  /** What has passed since the clock was last brought up to date, in nanoseconds and parts of one. */
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
