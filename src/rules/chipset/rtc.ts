import type { RtcEvents } from '../../chipset/events.ts';
import { REGISTER_A, REGISTER_B } from '../../chipset/registers/rtc.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import { RtcReadWatch } from './rtc-reading.ts';

const NOTHING = -1;
const NEVER = Number.POSITIVE_INFINITY;

/** Longer than any driver needs to write ten bytes. */
const LONGEST: Nanos = 1_000_000_000;

const SECOND: Nanos = 1_000_000_000;
const NMI_DISABLE = 0x80;
const [{ DM, HOURS_24, PIE, AIE, SET }, { RS }] = [REGISTER_B.mask, REGISTER_A.mask];
/** How the bytes of the time are to be read. */
const FORMAT = DM | HOURS_24;
const [HOURS_AT, PM] = [4, 0x80];
/** The least and the most of a byte of the time. That of the weekday is left to drivers, alarms may have any. */
const RANGES: Readonly<Record<number, readonly [from: number, to: number]>> = {
  0: [0, 59],
  2: [0, 59],
  [HOURS_AT]: [0, 23],
  7: [1, 31],
  8: [1, 12],
  9: [0, 99],
};
const HOURS_OF_12 = [1, 12] as const;
/** Bytes of the alarm, and those of the time that they are compared with; from `ANY` on they equal each. */
const ALARMS: Readonly<Record<number, number>> = { 1: 0, 3: 2, 5: HOURS_AT };
const ANY = 0xc0;

/** Rules of the real-time clock, by the MC146818A's data sheet. */
export const RTC = {
  'rtc/SET-TIME': {
    where: 'MC146818A, Time, Calendar, and Alarm Locations',
    text: 'A driver MUST set SET before writing the time.',
    advice: 'Set bit 7 of REGISTER_B, write all bytes of the time, then clear it.',
    on: 'written',
    kept: (k) => k.held,
    said: (k) => `byte ${hex(k.index, 2)} of the time was written while the clock was running`,
  },
  'rtc/FORMAT': {
    where: 'MC146818A, Time, Calendar, and Alarm Locations',
    text: 'A driver MUST write the time, and an alarm that it enables, in the format that DM and 24/12 of REGISTER_B select.',
    advice:
      'For any time of an alarm, write ffh. Else write BCD unless DM, bit 2 of REGISTER_B, is set: 45 is 45h there, not 2Dh; and hours of 12, with bit 7 for PM, unless bit 1 is set.',
    on: ['started', 'armed'],
    kept: (k) => k.odd < 0,
    said: (k) =>
      `byte ${hex(k.odd, 2)} of the ${k.odd in ALARMS ? 'alarm' : 'time'} was written with ${hex(k.given, 2)}, which is ${k.isBinary ? 'no number' : 'no number in BCD'} that it may have`,
  },
  'rtc/REFORMAT': {
    where: 'MC146818A, Time, Calendar, and Alarm Locations',
    text: 'A driver MUST write the time again if it changes DM or 24/12 of REGISTER_B.',
    advice:
      'Keep bits 2 and 1 of REGISTER_B as you read them, and convert in software; or set SET, change them, and write all bytes of the time.',
    on: 'controlled',
    kept: (k) => !k.isReread,
    said: (k) =>
      `the bits changed from ${hex(k.format.from, 2)} to ${hex(k.format.to, 2)}, and the hours are read in another format than they have`,
  },
  'rtc/RATE': {
    where: 'MC146818A, Register A',
    text: 'Set a rate in bits 3 to 0 of REGISTER_A before you enable the periodic interrupt.',
    advice: 'Write 26h to REGISTER_A for 1024 interrupts a second, and then set bit 6 of REGISTER_B.',
    on: 'controlled',
    when: (k) => k.isPeriodic,
    kept: (k) => k.rate !== 0,
    said: () => 'PIE is set, and the rate is 0: no periodic interrupt comes',
  },
  'rtc/SET-LEFT': {
    where: 'MC146818A, Registers A and B',
    text: 'A driver MUST NOT keep SET set or the divider in reset after writing the time: the clock is stopped meanwhile.',
    advice: 'Clear bit 7 of REGISTER_B, and write 26h to REGISTER_A, as soon as the time is written.',
    on: 'set',
    kept: (k) => k.heldFor < SECOND,
    said: (k) =>
      `${k.heldFor === NEVER ? 'the run is over, and the clock is still stopped' : 'the clock was stopped for more than a second'}: ${k.isSet ? 'REGISTER_B has SET' : 'the divider in REGISTER_A is off'}`,
  },
  'rtc/FLAGS': {
    where: 'MC146818A, Register C',
    text: 'A driver MUST read REGISTER_C for each clock interrupt: the interrupt stays pending until then.',
    advice: 'Read REGISTER_C in the handler of IRQ 8, even if its flags do not matter.',
    on: ['served', 'late'],
    kept: (k) => !k.late,
    said: () => 'IRQ 8 has been high for more than a second, but REGISTER_C was not read',
  },
  'rtc/NMI': {
    where: '82371AB, Real Time Clock Index Register',
    text: 'Keep bit 7 of port 70 clear: it disables NMI.',
    advice: 'Write the index alone, unless you want NMI off.',
    on: 'indexed',
    kept: (k) => (k.selected & NMI_DISABLE) === 0,
    said: (k) => `port 70 was written with ${hex(k.selected, 2)}`,
  },
} as const satisfies Rules<RtcWatch>;

/**
 * Watches a driver that reads and sets the real-time clock.
 *
 * @example
 * rtc.events = new RtcWatch('rtc', journal);
 */
export class RtcWatch implements RtcEvents {
  readonly subject: string;
  index = 0;
  /** SET holds the clock, and for how long it has. */
  held = false;
  heldFor: Nanos = 0;
  /** It is SET, and not the divider. */
  isSet = false;
  /** The first byte that was written in a format other than REGISTER_B says, -1 for none, and what was written. */
  odd = NOTHING;
  given = 0;
  isBinary = false;
  private readonly bytes = new Map<number, number>();
  /** Bytes of the alarm that were written and not enabled since, and REGISTER_B. */
  private readonly alarms = new Map<number, number>();
  private control = 0;
  /** DM and 24/12 before the clock was stopped and now, and that the hours were not written for it. */
  readonly format = { from: 0, to: 0 };
  isReread = false;
  isPeriodic = false;
  rate = 0;
  /** IRQ 8 has been high for long. */
  late = false;
  /** What was written to port 70. */
  selected = 0;
  private readonly reading: RtcReadWatch;
  private readonly journal: Journal;
  /** Since when SET holds the clock. */
  private heldAt: Nanos = NEVER;
  /** Since when IRQ 8 is high. */
  private highAt: Nanos = NEVER;
  /** `written`: the time is set. `started`: SET is cleared behind it. `armed`: an alarm is enabled. `controlled`: REGISTER_A or REGISTER_B is written. `set`: the clock is stopped or goes on, or was stopped long ago. `served`: IRQ 8 fell. `late`: it did not. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    this.reading = new RtcReadWatch(subject, journal);
    this.on = new Watch(journal, RTC).on;
    journal.beforeReading(() => this.settle());
    journal.atEnd(() => this.over());
  }

  indexed(value: number): void {
    this.reading.indexed(value & ~NMI_DISABLE);
    this.selected = value;
    this.on.indexed.tell(this);
  }

  timeRead(index: number, updating: boolean, updates: number): void {
    this.settle();
    this.reading.timeRead(index, updating, updates);
  }

  private over(): void {
    if (this.heldAt === NEVER) return;
    this.heldFor = NEVER;
    this.on.set.tell(this);
    this.heldAt = NEVER;
  }

  timeWritten(index: number, held: boolean, value: number): void {
    if (held) this.bytes.set(index, value);
    this.index = index;
    this.held = held;
    this.on.written.tell(this);
  }

  alarmWritten(index: number, value: number): void {
    this.alarms.set(index, value);
    this.arms();
  }

  /** An alarm that is enabled is compared with the time. */
  private arms(): void {
    const { control, alarms } = this;
    if ((control & AIE) === 0 || alarms.size === 0) return;
    this.isBinary = (control & DM) !== 0;
    const odd = [...alarms].find(([at, value]) => value < ANY && !this.fits(ALARMS[at]!, value, control));
    [this.odd, this.given] = odd ?? [NOTHING, 0];
    alarms.clear();
    this.on.armed.tell(this);
  }

  controlled(held: boolean, a: number, b: number, before: number): void {
    this.settle();
    this.reading.held = held;
    if (this.heldAt === NEVER) this.format.from = before & FORMAT;
    this.format.to = b & FORMAT;
    this.isReread = !held && this.format.from !== this.format.to && !this.bytes.has(HOURS_AT);
    this.isPeriodic = (b & PIE) !== 0;
    this.rate = a & RS;
    if (held) this.isSet = (b & SET) !== 0;
    this.control = b;
    this.on.controlled.tell(this);
    this.arms();
    if (!held && this.bytes.size > 0) this.starts(b);
    if (held && this.heldAt === NEVER) this.heldAt = this.journal.now;
    if (!held && this.heldAt !== NEVER) this.tellHeld();
    if (!held) this.heldAt = NEVER;
  }

  /** The clock goes on from the bytes that were written. */
  private starts(control: number): void {
    this.isBinary = (control & DM) !== 0;
    const odd = [...this.bytes].find(([at, value]) => !this.fits(at, value, control));
    [this.odd, this.given] = odd ?? [NOTHING, 0];
    this.on.started.tell(this);
    this.bytes.clear();
  }

  /** Whether byte `at` of the time may have the value. */
  private fits(at: number, given: number, control: number): boolean {
    const range = RANGES[at];
    if (range === undefined) return true;
    const by12 = at === HOURS_AT && (control & HOURS_24) === 0;
    const value = by12 ? given & ~PM : given;
    const number = this.isBinary ? value : (value >> 4) * 10 + (value & 15);
    const isDigits = this.isBinary || (value & 15) <= 9;
    const [from, to] = by12 ? HOURS_OF_12 : range;
    return isDigits && number >= from && number <= to;
  }

  driven(high: boolean): void {
    if (high && this.highAt === NEVER) this.highAt = this.journal.now;
    if (high || this.highAt === NEVER) return;
    this.settle();
    if (this.highAt !== NEVER) this.tellServed(false);
  }

  private tellServed(late: boolean): void {
    this.late = late;
    if (late) this.on.late.tell(this);
    else this.on.served.tell(this);
    this.highAt = NEVER;
  }

  private settle(): void {
    const { now } = this.journal;
    this.reading.settle();
    if (now - this.highAt >= LONGEST) this.tellServed(true);
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
