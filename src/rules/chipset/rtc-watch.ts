import type { RtcEvents } from '../../chipset/events.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { RTC, type RtcKnows, type RtcMoment } from './rtc.ts';

/** Virtual nanoseconds after which whoever reads the time twice has done so: 10 ms. */
const AGAIN: Nanos = 10_000_000;
const NOTHING = -1;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Watches whoever reads and sets the real-time clock.
 *
 * @example
 * rtc.events = new RtcWatch('rtc', journal);
 */
export class RtcWatch implements RtcEvents, RtcKnows {
  readonly subject: string;
  index = 0;
  torn = false;
  held = false;
  heldFor: Nanos = 0;
  selected = 0;
  private readonly journal: Journal;
  /** The byte that was read during an update, and when; since when SET holds the clock. */
  private doubtful = NOTHING;
  private readAt: Nanos = 0;
  private heldAt: Nanos = NEVER;
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    const watch = new Watch<RtcKnows, RtcMoment>(journal, RTC);
    this.on = {
      read: watch.at('read'),
      torn: watch.at('torn'),
      written: watch.at('written'),
      set: watch.at('set'),
      indexed: watch.at('indexed'),
    };
    journal.beforeReading(() => this.settle());
  }

  indexed(value: number): void {
    this.selected = value;
    this.on.indexed.tell(this);
  }

  timeRead(index: number, updating: boolean): void {
    this.settle();
    this.index = index;
    this.torn = false;
    this.on.read.tell(this);
    if (updating) {
      this.doubtful = index;
      this.readAt = this.journal.now;
    } else if (index === this.doubtful) this.doubtful = NOTHING;
  }

  timeWritten(index: number, held: boolean): void {
    this.index = index;
    this.held = held;
    this.on.written.tell(this);
  }

  controlled(held: boolean): void {
    this.settle();
    if (held && this.heldAt === NEVER) this.heldAt = this.journal.now;
    if (!held && this.heldAt !== NEVER) this.tellHeld();
    if (!held) this.heldAt = NEVER;
  }

  private settle(): void {
    const { now } = this.journal;
    if (this.doubtful !== NOTHING && now - this.readAt >= AGAIN) {
      this.index = this.doubtful;
      this.doubtful = NOTHING;
      this.torn = true;
      this.on.torn.tell(this);
    }
    if (now - this.heldAt >= LONGEST) {
      this.tellHeld();
      this.heldAt = NEVER;
    }
  }

  private tellHeld(): void {
    this.heldFor = this.journal.now - this.heldAt;
    this.on.set.tell(this);
  }
}

/** So long nobody needs to write ten bytes. */
const LONGEST: Nanos = 1_000_000_000;
