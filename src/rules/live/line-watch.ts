import type { LineEvents } from '../../chipset/events.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { LINES, type LineKnows } from './live.ts';

/** From one interrupt to the next, where nothing is done but an EOI: a handler that does more is none of those. */
const AT_ONCE: Nanos = 10_000;

/**
 * Watches whether lines that interrupt the guest are served.
 *
 * @example
 * interrupts.events = new LineWatch(journal);
 */
export class LineWatch implements LineEvents, LineKnows {
  irq = 0;
  vector = 0;
  times = 0;
  private at: Nanos = 0;
  private readonly journal: Journal;
  private readonly watch;
  private readonly onTaken;

  constructor(journal: Journal) {
    this.journal = journal;
    this.watch = new Watch<LineKnows, 'taken'>(journal, LINES);
    this.onTaken = this.watch.at('taken');
  }

  get subject(): string {
    return `IRQ ${this.irq}`;
  }

  taken(irq: number, vector: number, again: boolean): void {
    const { now } = this.journal;
    this.times = again && now - this.at <= AT_ONCE ? this.times + 1 : 0;
    this.at = now;
    this.irq = irq;
    this.vector = vector;
    this.onTaken.tell(this);
  }

  /** A boot tells once. */
  reset(): void {
    this.watch.forget();
  }
}
