import type { Nanos, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';

/**
 * Counts kicks that need not be judged one by one: each is equal to the last of its queue, which was right, and nothing
 * has changed since that a rule of kicks depends on. `repeat` reports them to the rules when the journal is read.
 *
 * @example
 * if (!steady.again(queue, width, value)) {     // the kick begins
 *   const kept = …;                             // the rules are checked
 *   steady.learn(queue, kept);                  // the kick has ended
 * }
 * steady.changed();                             // the status, the features, a queue
 */
export class SteadyKicks {
  /** The kick in progress is equal to the one before. */
  on = false;
  private readonly journal: Journal;
  private readonly repeat: (queue: number, times: number, last: Nanos) => void;
  /** Width and value of the last kick of each queue that was right; 0 is none. */
  private readonly known: Float64Array;
  private readonly times: Float64Array;
  private last: Nanos = 0;
  private under = 0;

  constructor(queues: number, journal: Journal, repeat: (queue: number, times: number, last: Nanos) => void) {
    this.known = new Float64Array(queues);
    this.times = new Float64Array(queues);
    this.journal = journal;
    this.repeat = repeat;
    journal.beforeReading(() => this.settle());
  }

  /** A kick begins; true if it is equal to the one before. */
  again(queue: number, width: Width, value: number): boolean {
    this.under = width * 0x1_0000_0000 + value;
    this.on = queue < this.known.length && this.known[queue] === this.under;
    if (!this.on) return false;
    this.times[queue]!++;
    this.last = this.journal.now;
    return true;
  }

  /** The kick in progress began like the one before, and then differed. */
  otherwise(queue: number): void {
    if (this.on) this.times[queue]!--;
    this.on = false;
  }

  /** @param right the kick kept all rules. */
  learn(queue: number, right: boolean): void {
    if (right && queue < this.known.length) this.known[queue] = this.under;
  }

  /** Something that rules of kicks depend on is about to change. */
  changed(): void {
    this.settle();
    this.known.fill(0);
  }

  private settle(): void {
    for (let queue = 0; queue < this.times.length; queue++) {
      const times = this.times[queue]!;
      if (times === 0) continue;
      this.times[queue] = 0;
      this.repeat(queue, times, this.last);
    }
  }
}
