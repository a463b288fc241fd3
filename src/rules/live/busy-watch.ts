import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { type BusyKnows, WAITING } from './live.ts';

/**
 * Watches whether the guest waits by asking again and again.
 *
 * @example
 * const busy = new BusyWatch(journal, () => true);
 * busy.asked(10_000, 'port c052: net0 Device Status → 07');
 */
export class BusyWatch implements BusyKnows {
  readonly subject = 'the guest';
  reads = 0;
  who = '';
  private readonly hasWaited: () => boolean;
  private readonly onEnded;

  /** @param hasWaited whether the guest ever waited for a register. */
  constructor(journal: Journal, hasWaited: () => boolean) {
    this.hasWaited = hasWaited;
    this.onEnded = new Watch<BusyKnows, 'ended'>(journal, WAITING).at('ended');
    journal.atEnd(() => this.onEnded.tell(this));
  }

  get waited(): boolean {
    return this.hasWaited();
  }

  /** So many in a row brought nothing new, of whom. */
  asked(reads: number, who: string): void {
    this.reads = reads;
    this.who = who;
    this.onEnded.tell(this);
    this.reads = 0;
  }
}
