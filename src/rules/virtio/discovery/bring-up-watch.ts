import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { BRING_UP_RULES, type BringUpKnows } from './bring-up.ts';

/**
 * Holds how a driver left a function that it was given against what it is to put up with.
 *
 * @example
 * new BringUpWatch('net0 (00:04.0)', journal).attached({ unusual: ['revision'], vectors: 3, status: 0x0f, threw: false, queued: true });
 */
export class BringUpWatch implements BringUpKnows {
  readonly subject: string;
  unusual: readonly string[] = [];
  vectors = 0;
  status = 0;
  threw = false;
  queued = false;
  private readonly onAttached;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.onAttached = new Watch<BringUpKnows, 'attached'>(journal, BRING_UP_RULES).at('attached');
  }

  attached(how: Omit<BringUpKnows, 'subject' | 'picture'>): void {
    Object.assign(this, how);
    this.onAttached.tell(this);
  }
}
