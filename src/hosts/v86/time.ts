import type { Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';
import { pause } from '../system/host-clock.ts';

/** How long an instruction takes: 100 million a second. */
const INSTRUCTION: Nanos = 10;
/** Each read of the time advances it by this much, so that a loop that waits for it to pass ends. */
const LOOK: Nanos = 500;
/** In milliseconds: if more passes between two checks, the host was doing other work. */
const GAP = 1;

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
    await pause(time);
    this.look(time / 1e6 + GAP);
    this.catchUp();
  }

  private look(most: number): void {
    const before = this.looked;
    this.looked = performance.now();
    this.now += Math.min(this.looked - before, most) * 1e6;
  }
}
