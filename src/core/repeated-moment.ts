import type { Nanos } from './bits.ts';
import type { Journal } from './journal.ts';
import type { Knows, Moment } from './watch.ts';

/**
 * A moment that comes for every frame or request, mostly with the same numbers as before. While these are the same and
 * no rule is broken, it is only counted.
 *
 * @example
 * if (streak.on && length === k.length) streak.again();
 * else {
 *   streak.end();                  // before the numbers change
 *   k.length = length;
 *   streak.begin();
 * }
 */
export class RepeatedMoment<K extends Knows> {
  /** The moment was reported, and every rule was kept. */
  on = false;
  /** How often it came since, each time with the same numbers, and when it last came. */
  private times = 0;
  private last: Nanos = 0;
  private readonly journal: Journal;
  private readonly moment: Moment<K>;
  private readonly k: K;

  constructor(journal: Journal, moment: Moment<K>, k: K) {
    this.journal = journal;
    this.moment = moment;
    this.k = k;
    journal.beforeReading(() => this.settle());
  }

  begin(): void {
    this.on = this.moment.tell(this.k);
  }

  /** It came again with the same numbers. */
  again(): void {
    this.times++;
    this.last = this.journal.now;
  }

  end(): void {
    this.settle();
    this.on = false;
  }

  private settle(): void {
    if (this.times > 0) this.moment.repeat(this.k, this.times, this.last);
    this.times = 0;
  }
}
