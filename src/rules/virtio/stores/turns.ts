import type { Mark } from '../../../core/access.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';

/** Longer than any device holds an interrupt back, and than a driver is busy with something else. */
export const LONG: Nanos = 100_000_000;
/** Handlers in a row that leave something in the ring. */
const MANY = 2;

/**
 * Whether a driver whose interrupt handler takes buffers out of the used ring takes all that it finds there. What it
 * leaves causes no further interrupt. A driver that looks again by itself may leave what it likes.
 *
 * @example
 * turns.looked(3);           // it reads the index of the used ring, and left 3 buffers before
 * turns.took(1);              // it reads an entry
 * turns.ended(2);            // the run is over, and 2 are left
 */
export class Turns {
  private readonly journal: Journal;
  private readonly told: (left: number, since: Mark) => void;
  /** The handler in which it looked last, 0 outside of any, and when. */
  private handler = 0;
  private at: Nanos = 0;
  private mark: Mark = 0;
  /** What was taken in that handler, and the most in one: a handler that takes several has a limit, and a timer for the rest. */
  private count = 0;
  private most = 0;
  private leavings = 0;

  /** @param told gets how many buffers a handler left; 0 is none. */
  constructor(journal: Journal, told: (left: number, since: Mark) => void) {
    this.journal = journal;
    this.told = told;
  }

  looked(left: number): void {
    const { handler } = this.journal;
    if (handler !== this.handler) this.turn(handler, left);
    this.at = this.journal.now;
    this.mark = this.journal.mark;
  }

  took(count: number): void {
    this.count += count;
    if (this.count > this.most) this.most = this.count;
  }

  /** It took some, and has not looked for long. */
  get isLong(): boolean {
    return this.most > 0 && this.journal.now - this.at >= LONG;
  }

  /** The ring, or the run, has come to its end. */
  ended(left: number): void {
    const isLost = left > 0 && this.most === 1 && this.isLong;
    if (this.handler !== 0 && this.count > 0) this.told(isLost ? left : 0, this.mark);
    this.handler = this.count = 0;
  }

  /** It looks in another handler, or by itself. */
  private turn(next: number, left: number): void {
    if (this.handler !== 0 && this.count > 0) {
      this.leavings = left > 0 && next !== 0 ? this.leavings + 1 : 0;
      this.told(this.most === 1 && this.leavings >= MANY ? left : 0, this.mark);
    }
    if (next === 0) this.leavings = 0;
    this.handler = next;
    this.count = 0;
  }
}
