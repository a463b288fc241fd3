import type { PitEvents } from '../../chipset/events.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { PIT, type PitKnows, type PitMoment } from './pit.ts';

/**
 * Watches whoever programs and reads the timer.
 *
 * @example
 * pit.events = new PitWatch('pit', journal);
 */
export class PitWatch implements PitEvents, PitKnows {
  latched = false;
  halfRead = false;
  halfWritten = false;
  private counter = 0;
  private readonly name: string;
  private readonly onCounted;
  private readonly onCommanded;

  constructor(name: string, journal: Journal) {
    this.name = name;
    const watch = new Watch<PitKnows, PitMoment>(journal, PIT);
    this.onCounted = watch.at('counted');
    this.onCommanded = watch.at('commanded');
  }

  get subject(): string {
    return `${this.name}, counter ${this.counter}`;
  }

  counted(counter: number, whole: boolean, latched: boolean): void {
    if (!whole) return;
    this.counter = counter;
    this.latched = latched;
    this.onCounted.tell(this);
  }

  commanded(counter: number, halfRead: boolean, halfWritten: boolean): void {
    this.counter = counter;
    this.halfRead = halfRead;
    this.halfWritten = halfWritten;
    this.onCommanded.tell(this);
  }
}
