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
  /** Of each class, the queue that came last. */
  private readonly turns = [0, 0, 0, 0];

  /** The queue that is next among those with commands; null for none. */
  next(queues: readonly (SubmissionQueue | null)[], feature: number): SubmissionQueue | null {
    const first = adminOf(queues) ?? this.inTurn(queues, URGENT);
    if (first !== null) return first;
    for (let round = 0; round < 2; round++) {
      for (let one = 1; one <= CLASSES; one++) {
        const queue = this.credits[one - 1]! > 0 ? this.inTurn(queues, one) : null;
        if (queue === null) continue;
        this.credits[one - 1]!--;
        return queue;
      }
      this.refill(feature);
    }
    return null;
  }

  /** The controller was reset. */
  reset(): void {
    this.credits.fill(0);
    this.turns.fill(0);
  }

  /** How many commands of a queue it takes at once. */
  burst(feature: number): number {
    return (feature & BURST) === NO_LIMIT ? Number.POSITIVE_INFINITY : 1 << (feature & BURST);
  }

  private inTurn(queues: readonly (SubmissionQueue | null)[], priority: number): SubmissionQueue | null {
    const turn = this.turns[priority]!;
    let first: SubmissionQueue | null = null;
    let next: SubmissionQueue | null = null;
    for (const queue of queues) {
      if (!isReady(queue) || queue.priority !== priority) continue;
      first ??= queue;
      if (queue.id > turn) next ??= queue;
    }
    next ??= first;
    if (next !== null) this.turns[priority] = next.id;
    return next;
  }

  /** High, medium and low are at bits 31, 23 and 15. */
  private refill(feature: number): void {
    for (let one = 0; one < CLASSES; one++)
      this.credits[one] = ((feature >>> (WEIGHT_SHIFT * (CLASSES - one))) & WEIGHT) + 1;
  }
}

function isReady(queue: SubmissionQueue | null | undefined): queue is SubmissionQueue {
  return queue != null && queue.head !== queue.tail;
}

function adminOf(queues: readonly (SubmissionQueue | null)[]): SubmissionQueue | null {
  for (const queue of queues) if (isReady(queue) && queue.id === 0) return queue;
  return null;
}
