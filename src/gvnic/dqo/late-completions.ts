import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import type { Timer } from '../../core/clock.ts';

/** Virtual nanoseconds, from and to. */
export type Range = readonly [Nanos, Nanos];

/** What cards may do with the completions of sent packets, and most do not. */
export interface GvnicManners {
  /** From sending a packet to its completion: one may overtake another. */
  readonly latency: Range;
  /** One packet in so many misses: a completion says so, and the packet is sent, and completed, later. 0 is none. */
  readonly misses: number;
  /** From that completion to the re-injection. */
  readonly reinjection: Range;
}

/** What is to be done, unless the queue that it is for goes away. */
interface Due {
  readonly at: Nanos;
  readonly queue: object;
  readonly act: () => void;
}

/** Completions of DQO packets that come late, by the seed. */
export class LateCompletions {
  readonly manners: GvnicManners;
  /** The driver knows misses that are told by a bit of the tag, too. */
  knowsAlternate = false;
  private readonly board: Board;
  private readonly timer: Timer;
  /** In the order of their times. */
  private readonly due: Due[] = [];

  constructor({ name, board }: { readonly name: string; readonly board: Board }, manners: GvnicManners) {
    this.manners = manners;
    this.board = board;
    this.timer = board.clock.timer(`${name} completions`, () => this.act());
  }

  /** Whether the next packet misses. */
  misses(): boolean {
    const { misses } = this.manners;
    return misses > 0 && this.board.random.below(misses) === 0;
  }

  /** Whether that is told by a bit of its tag. */
  isAlternate(): boolean {
    return this.knowsAlternate && this.board.random.below(2) === 0;
  }

  /** Does it after a time between the two, or now. */
  after([least, most]: Range, queue: object, act: () => void): void {
    const delay = least + this.board.random.below(most - least + 1);
    if (delay === 0) {
      act();
      return;
    }
    const at = this.board.clock.now + delay;
    const behind = this.due.findIndex((other) => other.at > at);
    this.due.splice(behind < 0 ? this.due.length : behind, 0, { at, queue, act });
    this.timer.armAt(this.due[0]!.at);
  }

  /** The queue goes away, with all that is to be done for it. */
  forget(queue: object): void {
    const rest = this.due.filter((one) => one.queue !== queue);
    this.due.splice(0, this.due.length, ...rest);
  }

  close(): void {
    this.board.clock.remove(this.timer);
  }

  private act(): void {
    const { now } = this.board.clock;
    while (this.due.length > 0 && this.due[0]!.at <= now) this.due.shift()!.act();
    if (this.due.length > 0) this.timer.armAt(this.due[0]!.at);
  }
}
