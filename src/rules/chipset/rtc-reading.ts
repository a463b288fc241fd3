import { REGISTER_A, REGISTER_C } from '../../chipset/registers/rtc.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Virtual nanoseconds within which a driver that reads the time twice has done so: 10 ms. */
const AGAIN: Nanos = 10_000_000;
/** An interrupt at the end of an update says that no other comes for so long. */
const BETWEEN_UPDATES: Nanos = 1_000_000_000;
const NOTHING = -1;
const NEVER = Number.POSITIVE_INFINITY;

/** Rules of how the time is read from a real-time clock, by the MC146818A's data sheet. */
export const RTC_READING = {
  'rtc/UIP': {
    where: 'MC146818A, Update Cycle',
    text: 'A driver MUST NOT use a time that it read during an update.',
    advice:
      'Read REGISTER_A until UIP is clear, then the time within 244 us; or read the time twice, until both readings agree.',
    on: ['read', 'torn'],
    kept: (k) => !k.torn,
    said: (k) => `byte ${hex(k.index, 2)} of the time was read while UIP was set, and not read again`,
  },
  'rtc/UNGUARDED': {
    where: 'MC146818A, Update Cycle',
    text: 'A driver SHOULD read several bytes of the time where no update can come between them, or read them twice.',
    advice:
      'Read REGISTER_A until UIP is clear, and all of the time within the next 244 us; or read twice, until both readings agree; or read after an update-ended interrupt.',
    on: 'taken',
    when: (k) => k.isSeveral,
    kept: (k) => k.isGuarded && !k.isOvertaken,
    said: (k) =>
      k.isGuarded
        ? `an update came between bytes of the time, before ${hex(k.late, 2)} was read, and none of them was read again`
        : 'several bytes of the time were read once, without checking UIP: an update may come between two of them',
  },
} as const satisfies Rules<RtcReadWatch>;

/** Watches how a driver reads the time. */
export class RtcReadWatch {
  readonly subject: string;
  index = 0;
  /** A byte of the time was read during an update, and was not read again. */
  torn = false;
  /** The clock is stopped. */
  held = false;
  /** Bytes of the time that are being read, a bit each; that the first was read where no update was due; that one was read again. */
  private reading = 0;
  private isSafe = false;
  private isAgain = false;
  /** The first byte that was read behind an update that came between two bytes; -1 for none. */
  late = NOTHING;
  /** Updates so far when the last byte was read, and that another was under way or due. */
  private updates = 0;
  private isUpdating = false;
  /** When REGISTER_A and REGISTER_C were selected last, and the time read. */
  private lookedAt: Nanos = -NEVER;
  private endedAt: Nanos = -NEVER;
  private takenAt: Nanos = NEVER;
  /** The byte that was read during an update, and when it was. */
  private doubtful = NOTHING;
  private readAt: Nanos = 0;
  private readonly journal: Journal;
  /** `read`: the time is. `torn`: it was, long ago. `taken`: nothing more is read of it. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    this.on = new Watch(journal, RTC_READING).on;
    journal.beforeReading(() => this.settle());
    journal.atEnd(() => this.over());
  }

  /** More than one byte was read. */
  get isSeveral(): boolean {
    return (this.reading & (this.reading - 1)) !== 0;
  }

  get isGuarded(): boolean {
    return this.isSafe || this.isAgain;
  }

  get isOvertaken(): boolean {
    return this.late !== NOTHING && !this.isAgain;
  }

  indexed(register: number): void {
    if (register === REGISTER_A.offset) this.lookedAt = this.journal.now;
    if (register === REGISTER_C.offset) this.endedAt = this.journal.now;
  }

  timeRead(index: number, updating: boolean, updates: number): void {
    this.settle();
    this.index = index;
    this.torn = false;
    this.on.read.tell(this);
    this.takes(index, updates);
    this.isUpdating = updating;
    if (updating) {
      this.doubtful = index;
      this.readAt = this.journal.now;
    } else if (index === this.doubtful) this.doubtful = NOTHING;
  }

  private takes(index: number, updates: number): void {
    const { now } = this.journal;
    const bit = 1 << index;
    if (this.reading === 0) {
      this.isSafe = now - this.lookedAt < AGAIN || now - this.endedAt < BETWEEN_UPDATES || this.held;
      this.isAgain = false;
      this.late = NOTHING;
    } else if (updates !== this.updates && !this.isUpdating && !this.held && this.late === NOTHING)
      // A byte that was read while UIP was set breaks rtc/UIP.
      this.late = index;
    this.isAgain ||= (this.reading & bit) !== 0;
    this.reading |= bit;
    this.updates = updates;
    this.takenAt = now;
  }

  /** Nothing more is read of the time. */
  private taken(): void {
    this.takenAt = NEVER;
    this.on.taken.tell(this);
    this.reading = 0;
  }

  private over(): void {
    this.taken();
    this.doubts();
  }

  settle(): void {
    const { now } = this.journal;
    if (now - this.takenAt >= AGAIN) this.taken();
    if (now - this.readAt >= AGAIN) this.doubts();
  }

  /** A byte that was read during an update was not read again. */
  private doubts(): void {
    if (this.doubtful === NOTHING) return;
    this.index = this.doubtful;
    this.doubtful = NOTHING;
    this.torn = true;
    this.on.torn.tell(this);
  }
}
