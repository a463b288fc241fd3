import type { Nanos, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';

/**
 * Counts kicks that need not be judged one by one: each is like the last of its queue, which was right, and nothing has
 * changed since that a rule of kicks looks at. `repeat` tells the rules of them when somebody reads the journal.
 *
 * @example
 * if (!steady.again(queue, width, value)) {     // the kick begins
 *   const kept = …;                             // the rules are asked
 *   steady.learn(queue, kept);                  // the kick has ended
 * }
 * steady.changed();                             // the status, the features, a queue
 */
export class SteadyKicks {
  /** The kick under way is like the one before. */
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

  /** A kick begins; true if it is like the one before. */
  again(queue: number, width: Width, value: number): boolean {
    this.under = width * 0x1_0000_0000 + value;
    this.on = queue < this.known.length && this.known[queue] === this.under;
    if (!this.on) return false;
    this.times[queue]!++;
    this.last = this.journal.now;
    return true;
  }

  /** The kick under way began like the one before, but goes on in another way. */
  otherwise(queue: number): void {
    if (this.on) this.times[queue]!--;
    this.on = false;
  }

  /** The kick that began was `right`, by all rules. */
  learn(queue: number, right: boolean): void {
    if (right && queue < this.known.length) this.known[queue] = this.under;
  }

  /** Something that rules of kicks look at is about to change. */
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
