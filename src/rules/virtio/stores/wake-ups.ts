import type { Mark } from '../../../core/access.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';

/** Longer than any device holds an interrupt back, and than a driver is busy with something else. */
const LONG: Nanos = 100_000_000;
const NEVER = -1;

/**
 * Whether a driver looks into the used ring again once it has asked for interrupts. What the device used while it was
 * not to interrupt causes none afterwards: a driver that does not look waits for ever.
 *
 * @example
 * wakeUps.wanted(true);      // the driver asks for interrupts, and something is used that it has not seen
 * wakeUps.looked();          // it reads the index of the used ring
 */
export class WakeUps {
  private readonly journal: Journal;
  private readonly told: (lost: boolean, since: Mark) => void;
  /** It asked, and has not looked since. */
  private isOpen = false;
  private lostAt: Nanos = NEVER;
  private lostBy: Mark = 0;

  /** @param told gets how each request for interrupts ended. */
  constructor(journal: Journal, told: (lost: boolean, since: Mark) => void) {
    this.journal = journal;
    this.told = told;
  }

  /** @param unseen the device has used what the driver did not see yet. */
  wanted(unseen: boolean): void {
    this.isOpen = true;
    if (!unseen || this.lostAt !== NEVER) return;
    this.lostAt = this.journal.now;
    this.lostBy = this.journal.mark;
  }

  looked(): void {
    if (!this.isOpen) return;
    this.told(this.isLost, this.lostBy);
    this.isOpen = false;
    this.lostAt = NEVER;
  }

  /** The ring, or the run, has come to its end. */
  ended(): void {
    if (this.isLost) this.looked();
    this.isOpen = false;
    this.lostAt = NEVER;
  }

  private get isLost(): boolean {
    return this.lostAt !== NEVER && this.journal.now - this.lostAt >= LONG;
  }
}
