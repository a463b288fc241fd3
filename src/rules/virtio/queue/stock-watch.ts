import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import { STOCK, type StockKnows } from './stock.ts';

/** A queue as it is at the end of a run. */
interface StockedQueue {
  readonly subject: string;
  readonly picture?: RingPicture | null;
}

/**
 * Judges, at the end of a run, whether a queue was kept stocked.
 *
 * @example
 * new StockWatch('frames', journal).ended(queue, true, 0);
 */
export class StockWatch implements StockKnows {
  readonly holds: 'frames' | 'events';
  stocked = false;
  empty: Nanos = 0;
  private queue: StockedQueue = { subject: '' };
  private readonly onEnded: Moment<StockKnows>;

  constructor(holds: 'frames' | 'events', journal: Journal) {
    this.holds = holds;
    this.onEnded = new Watch<StockKnows, 'ended'>(journal, STOCK).at('ended');
  }

  get subject(): string {
    return this.queue.subject;
  }

  get picture(): RingPicture | null {
    return this.queue.picture ?? null;
  }

  /** @param empty for how long there has been no buffer, 0 while there is one. */
  ended(queue: StockedQueue, stocked: boolean, empty: Nanos): void {
    this.queue = queue;
    this.stocked = stocked;
    this.empty = empty;
    this.onEnded.tell(this);
  }
}
