import type { Journal } from './journal.ts';
import type { Knows, Moment } from './watch.ts';

/**
 * A moment that comes for every frame or request, mostly with the same numbers as the time before. While all is well
 * and the same, it is only counted.
 *
 * @example
 * if (streak.on && length === k.length) streak.times++;
 * else {
 *   streak.end();                  // before the numbers change
 *   k.length = length;
 *   streak.begin();
 * }
 */
export class Streak<K extends Knows> {
  /** The moment was told of, and all was well. */
  on = false;
  /** How often it came since, each time with the same numbers. */
  times = 0;
  private readonly moment: Moment<K>;
  private readonly k: K;

  constructor(journal: Journal, moment: Moment<K>, k: K) {
    this.moment = moment;
    this.k = k;
    journal.beforeReading(() => this.settle());
  }

  begin(): void {
    this.on = this.moment.tell(this.k);
  }

  end(): void {
    this.settle();
    this.on = false;
  }

  private settle(): void {
    if (this.times > 0) this.moment.repeat(this.k, this.times);
    this.times = 0;
  }
}
