import type { PitEvents } from '../../chipset/events.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Rules of the timer, by the 82C54's data sheet. */
export const PIT = {
  'pit/TORN': {
    // A driver that uses the high byte alone may read it so, as Linux does to measure its TSC.
    strength: 'NOTE',
    where: '82C54, Read Operations',
    text: 'A count of two bytes is latched before it is read, or the counter stands',
    advice: 'Write the counter latch command (SC, RW = 0) or read-back to port 43h, then read both bytes.',
    on: 'counted',
    kept: (k) => k.latched,
    said: () => 'a byte of the count was read while it went on: its two bytes are of different times',
  },
  'pit/HALF-READ': {
    strength: 'MUST',
    where: '82C54, Read Operations',
    text: 'Both bytes of a count are read before the next command',
    advice: 'Read the port of the counter twice after each latch: the next latch is ignored until then.',
    on: 'commanded',
    kept: (k) => !k.halfRead,
    said: () => 'a command came while the high byte of the count was not read yet',
  },
  'pit/HALF-WRITTEN': {
    strength: 'MUST',
    where: '82C54, Write Operations',
    text: 'Both bytes of a count are written before the next command',
    advice: 'With RW = 3 write the low byte and then the high one to the port of the counter.',
    on: ['commanded', 'left'],
    kept: (k) => !k.halfWritten,
    said: (k) =>
      k.over
        ? 'the high byte of the count was never written: the counter waits for it'
        : 'a command came while the high byte of the count was not written yet',
  },
  'pit/COUNT-ONE': {
    strength: 'MUST NOT',
    where: '82C54, Minimum and Maximum Initial Counts',
    text: 'A count of modes 2 and 3 is not 1',
    advice: 'Write 2 at least to a counter in mode 2 or 3: 1 is a count for modes 0, 1, 4 and 5 alone.',
    on: 'counting',
    kept: (k) => k.count !== 1,
    said: (k) => `a count of 1 was written in mode ${k.mode}: its output does what no data sheet says`,
  },
} as const satisfies Rules<PitWatch>;

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
  halfWritten = false;
  /** The run is over. */
  over = false;
  /** What was written to the counter last. */
  mode = 0;
  count = 0;
  /** Counters, a bit each, of which the high byte of a count is to follow. */
  private halves = 0;
  private counter = 0;
  private readonly name: string;
  /** `counted`: a byte of a count that takes two reads is read. `commanded`: a control word or a command comes. `left`: the run ends. `counting`: a count is complete, in a mode that begins again by itself. */
  private readonly on;

  constructor(name: string, journal: Journal) {
    this.name = name;
    this.on = new Watch(journal, PIT).on;
    journal.atEnd(() => this.end());
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

  written(counter: number, half: boolean, mode: number, count: number): void {
    this.halves = half ? this.halves | (1 << counter) : this.halves & ~(1 << counter);
    if (half || (mode !== RATE && mode !== SQUARE)) return;
    this.counter = counter;
    this.mode = mode;
    this.count = count;
    this.on.counting.tell(this);
  }

  commanded(counter: number, halfRead: boolean, halfWritten: boolean): void {
    this.counter = counter;
    this.halfRead = halfRead;
    this.halfWritten = halfWritten;
    this.halves &= ~(1 << counter);
    this.on.commanded.tell(this);
  }

  private end(): void {
    for (let counter = 0; this.halves >> counter !== 0; counter++)
      if ((this.halves >> counter) & 1) this.left(counter);
  }

  private left(counter: number): void {
    this.counter = counter;
    this.over = this.halfWritten = true;
    this.on.left.tell(this);
  }
}
