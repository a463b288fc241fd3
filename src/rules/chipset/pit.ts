import type { PitEvents } from '../../chipset/events.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Between two bytes that a driver takes for one count; a tone that changes takes longer. */
const AT_ONCE: Nanos = 10_000;

/** Rules of the timer, by the 82C54's data sheet. */
export const PIT = {
  'pit/TORN': {
    // A driver that uses the high byte alone may read it so, as Linux does to measure its TSC.
    where: '82C54, Read Operations',
    text: 'Latch a two-byte count before reading it, unless the counter is stopped.',
    advice: 'Write the counter latch command (SC, RW = 0) or read-back to port 43h, then read both bytes.',
    on: 'counted',
    kept: (k) => k.latched,
    said: () => 'the count was read while it was running: its two bytes are of different moments',
  },
  'pit/HALF-READ': {
    where: '82C54, Read Operations',
    text: 'A driver MUST read both bytes of a count before the next command.',
    advice: "Read the counter's port twice after each latch: until then the next latch is ignored.",
    on: 'commanded',
    kept: (k) => !k.halfRead && !k.isUnread,
    said: (k) =>
      k.isUnread
        ? 'the count was latched again before it was read: the second latch is ignored'
        : 'a command came before the high byte of the count was read',
  },
  'pit/HALF-WRITTEN': {
    where: '82C54, Write Operations',
    text: 'A driver MUST write both bytes of a count before the next command.',
    advice: "With RW = 3, write the low byte and then the high byte to the counter's port.",
    on: ['commanded', 'left'],
    kept: (k) => !k.halfWritten,
    said: (k) =>
      k.over
        ? 'the high byte of the count was never written: the counter waits for it'
        : 'a command came before the high byte of the count was written',
  },
  'pit/NO-COUNT': {
    // Mode 0 without a count stops a counter, and that of a one-shot may come much later.
    where: '82C54, Programming the 82C54; Write Operations',
    text: 'A driver MUST write a count after the control word of mode 2 or 3: without one the counter stands still.',
    advice:
      'Write the control word to port 43h first, and then the count to the port of the counter that its bits 7 and 6 name: 34h, and port 40h.',
    on: ['completed', 'bare'],
    kept: (k) => !k.isBare,
    said: (k) => `mode ${k.mode} was selected, and no count was written after that: the counter stands still`,
  },
  'pit/COUNT-ONE': {
    where: '82C54, Minimum and Maximum Initial Counts',
    text: 'A driver MUST NOT write a count of 1 in modes 2 and 3.',
    advice: 'Write 2 at least to a counter in mode 2 or 3: 1 is a count for modes 0, 1, 4 and 5 alone.',
    on: 'counting',
    kept: (k) => k.count !== 1,
    said: (k) => `a count of 1 was written in mode ${k.mode}: its output does what no data sheet says`,
  },
  'pit/BCD': {
    where: '82C54, Control Word Format',
    text: 'A driver MUST give a counter that counts in BCD decimal digits.',
    advice: 'Clear bit 0 of the control word: 34h, not 35h, is mode 2 with a binary count.',
    on: 'completed',
    kept: (k) => !k.isUndecimal,
    said: () => 'the count has a digit above 9, and the counter counts in BCD',
  },
  'pit/GATE': {
    where: '82C54, Gate; 82371AB, NMI Status and Control Register',
    text: 'A driver MUST turn the gate of counter 2 on before it waits for its output.',
    advice: 'Set bit 0 of port 61, with bit 1 clear, before you write the count, and then wait for bit 5.',
    on: ['watched', 'counting'],
    kept: (k) => k.stalled < MANY_LOOKS,
    said: (k) => `port 61 was read ${k.stalled} times while counter 2 had a count and its gate was off`,
  },
  'pit/BYTES': {
    where: '82C54, Write Operations',
    text: 'A driver MUST write one byte of a count to a counter whose control word says so.',
    advice: 'With RW = 1 or 2 each byte is a count of its own: use RW = 3, 34h for counter 0, for both.',
    on: 'completed',
    when: (k) => !k.isWhole,
    kept: (k) => !k.isSecond,
    said: () => 'two bytes were written at once, and each is a count: the second replaces the first',
  },
} as const satisfies Rules<PitWatch>;

/** Looks at an output that cannot change: more than a driver makes that looks for something else there. */
const MANY_LOOKS = 1000;
/** Modes whose count is loaded again at its end. */
const [RATE, SQUARE] = [2, 3];

/**
 * Watches a driver of the timer.
 *
 * @example
 * pit.events = new PitWatch('pit', journal);
 */
export class PitWatch implements PitEvents {
  latched = false;
  halfRead = false;
  isUnread = false;
  halfWritten = false;
  /** The run is over. */
  over = false;
  /** What was written to the counter last. */
  mode = 0;
  count = 0;
  isUndecimal = false;
  /** Reads of the output of counter 2 in a row, while it had a count and could not count. */
  stalled = 0;
  /** The count takes two bytes; or takes one, and another came a moment ago. */
  isWhole = false;
  isSecond = false;
  /** Mode 2 or 3 was selected of the counter, and no count followed. */
  isBare = false;
  private writtenAt: Nanos = -AT_ONCE;
  /** Counters, a bit each, of which the high byte of a count is to follow. */
  private halves = 0;
  /** The modes, 2 or 3, of those that have no count since their control word; else 0. */
  private readonly bare = new Uint8Array(3);
  private counter = 0;
  private readonly name: string;
  private readonly journal: Journal;
  /** `counted`: a byte of a count that takes two reads is read. `commanded`: a control word or a command comes. `left`, `bare`: the run ends. `completed`: a count is complete. `counting`: it is, in a mode that begins again by itself. `watched`: port 61 was read often. */
  private readonly on;

  constructor(name: string, journal: Journal) {
    this.name = name;
    this.journal = journal;
    this.on = new Watch(journal, PIT).on;
    journal.atEnd(() => this.ended());
  }

  get subject(): string {
    return `${this.name}, counter ${this.counter}`;
  }

  counted(counter: number, whole: boolean, latched: boolean): void {
    if (!whole) return;
    this.counter = counter;
    this.latched = latched;
    this.on.counted.tell(this);
  }

  written(
    counter: number,
    half: boolean,
    mode: number,
    count: number,
    undecimal: boolean,
    whole: boolean,
  ): void {
    this.bare[counter] = 0;
    this.halves = half ? this.halves | (1 << counter) : this.halves & ~(1 << counter);
    if (half) return;
    this.stalled = 0;
    const { now } = this.journal;
    this.isWhole = whole;
    this.isSecond = !whole && counter === this.counter && now - this.writtenAt < AT_ONCE;
    this.writtenAt = now;
    this.counter = counter;
    this.mode = mode;
    this.count = count;
    this.isUndecimal = undecimal;
    this.on.completed.tell(this);
    if (mode === RATE || mode === SQUARE) this.on.counting.tell(this);
  }

  outputRead(stalled: boolean): void {
    this.stalled = stalled ? this.stalled + 1 : 0;
    if (this.stalled !== MANY_LOOKS) return;
    this.counter = 2;
    this.on.watched.tell(this);
  }

  commanded(counter: number, halfRead: boolean, halfWritten: boolean, unread: boolean): void {
    this.counter = counter;
    this.isUnread = unread;
    this.halfRead = halfRead;
    this.halfWritten = halfWritten;
    this.halves &= ~(1 << counter);
    this.writtenAt = Number.NEGATIVE_INFINITY;
    this.on.commanded.tell(this);
  }

  controlled(counter: number, mode: number): void {
    this.bare[counter] = mode === RATE || mode === SQUARE ? mode : 0;
  }

  /** The run is over. */
  ended(): void {
    for (const [counter, mode] of this.bare.entries()) if (mode !== 0) this.leftBare(counter, mode);
    for (let counter = 0; this.halves >> counter !== 0; counter++)
      if ((this.halves >> counter) & 1) this.left(counter);
  }

  private leftBare(counter: number, mode: number): void {
    this.counter = counter;
    this.mode = mode;
    this.isBare = true;
    this.on.bare.tell(this);
    this.isBare = false;
  }

  private left(counter: number): void {
    this.counter = counter;
    this.over = this.halfWritten = true;
    this.on.left.tell(this);
  }
}
