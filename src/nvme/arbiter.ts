import type { SubmissionQueue } from './queues.ts';

/** QPRIO of a queue. */
const URGENT = 0;
const CLASSES = 3;
/** Of the feature Arbitration: a burst, as a power of two, and the weights of the classes high, medium and low, less one. */
const [BURST, NO_LIMIT] = [7, 7];
const WEIGHT_SHIFT = 8;
const WEIGHT = 0xff;

/**
 * Whose commands a controller takes next: those of the admin queue, then urgent ones, and behind them by weight, the queues of a
 * class in turn (NVM Express 1.4, 4.13.2).
 */
export class Arbiter {
  private readonly credits = [0, 0, 0];
  private turn = 0;

  /** The queue that is next among those with commands; null for none. */
  next(queues: readonly (SubmissionQueue | null)[], feature: number): SubmissionQueue | null {
    const ready = queues.filter((queue) => queue != null && queue.head !== queue.tail) as SubmissionQueue[];
    const first = ready.find(({ id }) => id === 0) ?? this.inTurn(ready, URGENT);
    if (first !== null || ready.length === 0) return first;
    for (let round = 0; round < 2; round++) {
      for (let one = 1; one <= CLASSES; one++) {
        const queue = this.credits[one - 1]! > 0 ? this.inTurn(ready, one) : null;
        if (queue === null) continue;
        this.credits[one - 1]!--;
        return queue;
      }
      this.refill(feature);
    }
    return null;
  }

  /** How many commands of a queue it takes at once. */
  burst(feature: number): number {
    return (feature & BURST) === NO_LIMIT ? Number.POSITIVE_INFINITY : 1 << (feature & BURST);
  }

  private inTurn(ready: readonly SubmissionQueue[], priority: number): SubmissionQueue | null {
    const its = ready.filter((queue) => queue.priority === priority);
    if (its.length === 0) return null;
    const queue = its.find(({ id }) => id > this.turn) ?? its[0]!;
    this.turn = queue.id;
    return queue;
  }

  /** High, medium and low are at bits 31, 23 and 15. */
  private refill(feature: number): void {
    for (let one = 0; one < CLASSES; one++)
      this.credits[one] = ((feature >>> (WEIGHT_SHIFT * (CLASSES - one))) & WEIGHT) + 1;
  }
}
