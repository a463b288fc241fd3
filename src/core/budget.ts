import type { Nanos } from './bits.ts';
import type { Board } from './board.ts';
import type { Clock, Timer } from './clock.ts';
import type { Held } from './memory.ts';

/** Work at one point of virtual time: a unit takes about 20 ns of host time. 190 frames of 64 KiB fit. */
export const FULL = 1 << 20;
/** Virtual nanoseconds until the rest is done: 12 MiB per millisecond is more than any current card moves. */
const PAUSE: Nanos = 1_000_000;

/** Cost of a chain, and of each of its buffers. */
const CHAIN = 8;
const SEGMENT = 8;
/** Bytes per unit, as a power of two. */
export const BYTES_SHIFT = 6;

/** The device that the budget belongs to. */
export interface BudgetHost extends Held {
  readonly name: string;
  readonly board: Board;
  readonly canReachMemory: boolean;
  /** Continues queue `index`. */
  goOn(index: number): void;
}

/**
 * Limits a device's work at one point of virtual time, such as a kick, and schedules the rest: the unfinished queues, in
 * the order in which they ran out of budget.
 *
 * Code that serves a queue checks before each chain whether any budget is left, and reports the cost of the chain. So one
 * chain may exceed the budget, and none is left half done.
 *
 * @example
 * while (budget.left > 0 && queue.pop()) {
 *   budget.spendOn(queue.chain.count, queue.chain.readableBytes);
 *   queue.push(queue.chain.id, 0);
 * }
 * queue.flush();
 */
export class Budget {
  /** Units left; none if 0 or less. */
  left = FULL;
  private readonly host: BudgetHost;
  private readonly clock: Clock;
  /** When the budget was last renewed. */
  private since: Nanos = 0;
  private readonly waiting: number[] = [];
  private timer: Timer | null = null;

  constructor(host: BudgetHost) {
    this.host = host;
    this.clock = host.board.clock;
  }

  spend(units: number): void {
    this.left -= units;
  }

  /** A chain of so many buffers was taken, and so many of its bytes were moved. */
  spendOn(buffers: number, bytes: number): void {
    this.left -= CHAIN + SEGMENT * buffers + (bytes >> BYTES_SHIFT);
  }

  /** The guest made an access: the budget is renewed. */
  renew(): void {
    this.left = FULL;
    this.since = this.clock.now;
  }

  /** The device acts without a kick: the budget is renewed if time has passed. */
  begin(): void {
    if (this.since !== this.clock.now) this.renew();
  }

  /** Queue `index` continues later: with those that wait, or else after `pause`. */
  postpone(index: number, pause: Nanos = PAUSE): void {
    if (!this.waiting.includes(index)) this.waiting.push(index);
    this.wake(pause);
  }

  /**
   * What the device wrote is not yet visible to the guest's CPUs. Meanwhile it takes nothing, since what it puts back into a
   * ring would be written twice, and `resume` is called afterwards.
   */
  get isHeld(): boolean {
    return this.host.board.memory.delay?.holds(this.host) === true;
  }

  /** Whether queue `index` is postponed for that reason. */
  waits(index: number): boolean {
    if (this.host.board.memory.delay?.holds(this.host) !== true) return false;
    this.postpone(index);
    return true;
  }

  /** Queues wait, and perhaps could not be served when they were due. */
  wake(pause: Nanos = PAUSE): void {
    if (this.waiting.length === 0) return;
    this.timer ??= this.clock.timer(`${this.host.name} budget`, () => this.takeTurns());
    if (this.timer.due === Number.POSITIVE_INFINITY) this.timer.arm(pause);
  }

  forget(index: number): void {
    if (this.waiting.length === 0) return;
    const at = this.waiting.indexOf(index);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  reset(): void {
    this.waiting.length = 0;
    this.timer?.disarm();
  }

  /** Takes the timer off the clock. */
  close(): void {
    if (this.timer !== null) this.clock.remove(this.timer);
  }

  /** Continues waiting queues. Without bus mastering nothing can be done: they then wait for a kick. */
  takeTurns(): void {
    const { host, waiting } = this;
    if (!host.canReachMemory) return;
    this.renew();
    for (let turns = waiting.length; turns > 0 && this.left > 0 && waiting.length > 0; turns--)
      host.goOn(waiting.shift()!);
    this.wake();
  }
}
