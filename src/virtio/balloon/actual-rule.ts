import type { Journal } from '../../core/journal.ts';

/**
 * Judges what a driver writes to `actual`. What was right before the last request is forgiven until the next one:
 * Linux writes it while it moves a page within the balloon, which is one page in and then another out
 * (`virtballoon_migratepage`), and its own count stays the same.
 */
export class ActualRule {
  private readonly journal: Journal;
  private pages = 0;
  private before = 0;
  private forgiven: number | null = null;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  reset(): void {
    this.pages = 0;
    this.before = 0;
    this.forgiven = null;
  }

  /** After a request there are `pages` in the balloon. */
  changed(pages: number, subject: string): void {
    if (pages === this.pages) return;
    this.before = this.pages;
    this.pages = pages;
    if (this.forgiven !== null) this.compare(this.forgiven, subject);
    this.forgiven = null;
  }

  written(actual: number, subject: string): void {
    this.journal.met('virtio/BALLOON-OP-D7');
    this.forgiven = actual === this.before ? actual : null;
    if (this.forgiven === null) this.compare(actual, subject);
  }

  private compare(actual: number, subject: string): void {
    if (actual === this.pages) return;
    const said = `actual was written with ${actual}; pages in the balloon: ${this.pages}`;
    this.journal.report('virtio/BALLOON-OP-D7', subject, said);
  }
}
