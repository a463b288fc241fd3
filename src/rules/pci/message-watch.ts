import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { MESSAGES, type MessageKnows } from './messages.ts';

/** The longest MSI-X table. */
const ENTRIES_MAX = 2048;

/** Watches what the entries of one MSI-X table send: each is looked at once, until it is written again. */
export class MessageWatch implements MessageKnows {
  vector = 0;
  address = 0;
  upper = 0;
  data = 0;
  private readonly subjectOf: () => string;
  private readonly seen = new Uint8Array(ENTRIES_MAX);
  private readonly onSent;

  constructor(subjectOf: () => string, journal: Journal) {
    this.subjectOf = subjectOf;
    this.onSent = new Watch<MessageKnows, 'sent'>(journal, MESSAGES).at('sent');
  }

  get subject(): string {
    return this.subjectOf();
  }

  reset(): void {
    this.seen.fill(0);
  }

  entryWritten(entry: number): void {
    this.seen[entry] = 0;
  }

  sent(vector: number, address: number, upper: number, data: number): void {
    if (this.seen[vector] === 1) return;
    this.seen[vector] = 1;
    this.vector = vector;
    this.address = address;
    this.upper = upper;
    this.data = data;
    this.onSent.tell(this);
  }
}
