import type { Nanos } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { type InterruptPolicy, InterruptShaper } from '../core/interrupt-shaper.ts';
import type { Random } from '../core/random.ts';

/** When a card does what it is asked to: no driver may rely on more. */
export interface PacePolicy {
  /** Virtual nanoseconds from a transmit queue's doorbell until the card looks at the queue: from and to. */
  readonly latency: readonly [Nanos, Nanos];
  readonly interrupts: InterruptPolicy;
}

/** The card, at whose pace it is. */
interface Paced {
  readonly name: string;
  readonly board: Board;
  /** Serves a transmit queue. */
  goOn(queue: number): void;
  /** Sends the interrupt of a block, and that of what is no queue's. */
  interrupt(block: number): void;
  manage(): void;
}

const NEVER = Number.POSITIVE_INFINITY;

/** A card that takes its time: it notices doorbells late, and its interrupts are delayed, merged, and more than are needed. */
export class Pace {
  latency: readonly [Nanos, Nanos];
  private readonly card: Paced;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly shapers: readonly InterruptShaper[];
  /** When each transmit queue is looked at. */
  private readonly due: Float64Array;
  private readonly timer: Timer;

  /** @param queues those that transmit. */
  constructor(card: Paced, { latency, interrupts }: PacePolicy, queues: number, blocks: number) {
    const { clock, random } = card.board;
    this.card = card;
    this.clock = clock;
    this.random = random;
    this.latency = latency;
    this.due = new Float64Array(queues).fill(NEVER);
    this.shapers = Array.from(
      { length: blocks },
      (_, block) =>
        new InterruptShaper(interrupts, random, {
          queue: () => card.interrupt(block),
          config: () => card.manage(),
        }),
    );
    this.timer = clock.timer(`${card.name} pace`, () => this.act());
  }

  /** A doorbell was written: whether the queue is looked at later. */
  holds(queue: number): boolean {
    const [least, most] = this.latency;
    if (this.due[queue]! !== NEVER) return true;
    const delay = least + this.random.below(most - least + 1);
    if (delay === 0) return false;
    this.due[queue] = this.clock.now + delay;
    this.wake(this.due[queue]!);
    return true;
  }

  /** A block is to interrupt. */
  fire(block: number): void {
    const { now } = this.clock;
    const shaper = this.shapers[block]!;
    shaper.wanted(now);
    shaper.published(now);
    this.wake(shaper.run(now));
  }

  /** The driver took everything back. */
  reset(): void {
    this.due.fill(NEVER);
    for (const shaper of this.shapers) shaper.forget();
    this.timer.disarm();
  }

  close(): void {
    this.clock.remove(this.timer);
  }

  private act(): void {
    const { now } = this.clock;
    for (let queue = 0; queue < this.due.length; queue++) {
      if (this.due[queue]! > now) continue;
      this.due[queue] = NEVER;
      this.card.goOn(queue);
    }
    for (const at of this.due) this.wake(at);
    for (const shaper of this.shapers) this.wake(shaper.run(now));
  }

  private wake(at: Nanos): void {
    if (at < this.timer.due) this.timer.armAt(at);
  }
}
