import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import type { Clock, Timer } from '../../core/clock.ts';

import type { Held } from '../../core/memory.ts';

/** Work of one point of virtual time: a unit takes some 20 ns of a host's. 190 frames of 64 KiB fit in. */
export const FULL = 1 << 20;
/** When the rest comes, in virtual nanoseconds: 12 MiB in a millisecond is more than any card of today moves. */
const PAUSE: Nanos = 1_000_000;

/** Units for a chain, and for each of its buffers. */
const CHAIN = 8;
const SEGMENT = 8;
/** Bytes for a unit, as a power of two. */
export const BYTES_SHIFT = 6;

/** The device whose budget it is. */
export interface BudgetHost extends Held {
  readonly name: string;
  readonly board: Board;
  readonly canReachMemory: boolean;
  /** Queue `index` has its turn again. */
  goOn(index: number): void;
}

/**
 * How much a device does at one point of virtual time, which a kick is, and what it comes back to later: the queues
 * that were not done with, in the order in which they ran out of it.
 *
 * Who serves a queue looks before each chain whether there is anything left, and says what the chain took. So one chain
 * may go beyond, and none is left half done.
 *
 * @example
 * while (budget.left > 0 && queue.pop()) {
 *   budget.spendOn(queue.chain.count, queue.chain.readableBytes);
 *   queue.push(queue.chain.id, 0);
 * }
 * queue.flush();
 */
export class Budget {
  /** Units; none is 0 or less. */
  left = FULL;
  private readonly host: BudgetHost;
  private readonly clock: Clock;
  /** When it was full last. */
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

  /** A chain of so many buffers was taken, and so many bytes of it were moved. */
  spendOn(buffers: number, bytes: number): void {
    this.left -= CHAIN + SEGMENT * buffers + (bytes >> BYTES_SHIFT);
  }

  /** The guest made an access: it is full again. */
  renew(): void {
    this.left = FULL;
    this.since = this.clock.now;
  }

  /** The device acts without being kicked: it is full again if time went by. */
  begin(): void {
    if (this.since !== this.clock.now) this.renew();
  }

  /** Queue `index` has its turn later: with those that wait, or else after `pause`. */
  postpone(index: number, pause: Nanos = PAUSE): void {
    if (!this.waiting.includes(index)) this.waiting.push(index);
    this.wake(pause);
  }

  /**
   * What the device wrote is on its way to the guest's CPUs. It takes nothing meanwhile, for what it puts back into a ring would be
   * written twice, and is told to `resume`.
   */
  get isHeld(): boolean {
    return this.host.board.memory.delay?.holds(this.host) === true;
  }

  /** Whether queue `index` has its turn later, because of that. */
  waits(index: number): boolean {
    if (!this.isHeld) return false;
    this.postpone(index);
    return true;
  }

  /** Queues wait, and nobody may have been able to serve them when it was time. */
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

  /** Those that wait have their turn. Without bus mastering nothing can be done: they then wait for a kick. */
  takeTurns(): void {
    const { host, waiting } = this;
    if (!host.canReachMemory) return;
    this.renew();
    for (let turns = waiting.length; turns > 0 && this.left > 0 && waiting.length > 0; turns--)
      host.goOn(waiting.shift()!);
    this.wake();
  }
}
