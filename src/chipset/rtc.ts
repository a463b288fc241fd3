import type { Described, Region } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Wire } from '../core/line.ts';
import { registerText } from '../core/register-block.ts';
import { after, type CalendarTime, untilAlarm } from './calendar.ts';
import type { RtcEvents } from './events.ts';
import {
  DAY_OF_WEEK,
  REGISTER_A,
  REGISTER_B,
  REGISTER_C,
  REGISTER_D,
  RTCI,
  rtcRegister,
  YEAR,
} from './registers/rtc.ts';
import { decodeAlarm, decodeTime, encodeTime } from './rtc-format.ts';
import { ticksIn, timeOf } from './ticks.ts';

const { DV, RS, UIP } = REGISTER_A.mask;
const { SQWE, UIE, AIE, PIE, SET } = REGISTER_B.mask;
const { UF, AF, PF, IRQF } = REGISTER_C.mask;
const { DV: DV_AT } = REGISTER_A.shift;
const CRYSTAL_HERTZ = 32_768;
const SECOND: Nanos = 1_000_000_000;
/** From the divider's release to the end of the first update. */
const FIRST_UPDATE: Nanos = 500_000_000;
const BYTES = 128;
/** Port 70 cannot be read. */
const FLOATING = 0xff;
const NEVER = Number.POSITIVE_INFINITY;

/** The content that an RTC kept while the machine was off. */
export interface RtcContents {
  readonly time: CalendarTime;
  /** Bytes of RAM by index, 0E to 7F; the others are 0. */
  readonly nvram?: ReadonlyMap<number, number>;
}

/** Differences between clocks of this kind. */
export interface RtcManner {
  /** Time from setting UIP to the end of the update. */
  readonly uipTime: Nanos;
  /** Whether a change of the format also converts the time's bytes; if not, the guest must set them. */
  readonly reformats: boolean;
  /** Values of DV that enable counting. */
  readonly counting: readonly number[];
  /** Whether a new rate counts from the last tick of the old; if not, from the start of the divider. */
  readonly ratesFromTick: boolean;
}

/** The chip's: 244 µs of warning, and the update; 2 is for 32.768 kHz, the installed crystal. */
const OF_CHIP: RtcManner = {
  uipTime: 244_000 + 1_984_000,
  reformats: false,
  counting: [2],
  ratesFromTick: false,
};

/**
 * The MC146818 of the PIIX4 at ports 70 and 71, with 114 bytes of RAM and without the upper bank. The time is computed
 * when it is read; only a needed interrupt uses a timer of the clock. It is battery-backed: a reset only disables the
 * interrupts. An invalid time is corrected by the next update. The century is in RAM.
 * Source: Motorola MC146818A data sheet; 82371AB, Real Time Clock Registers.
 *
 * @example
 * const time = { year: 18, month: 11, day: 22, weekday: 5, hours: 5, minutes: 50, seconds: 31 };
 * const rtc = new Rtc('rtc', board, irqs[8].source('rtc'), { time });
 * ports.map(0x70, rtc, 'bridge');
 * ports.write(0x70, 0x00, 1);
 * ports.read(0x71, 1);                     // 31h: seconds in BCD
 * rtc.close();
 */
export class Rtc implements Region {
  readonly name: string;
  readonly size = 2;
  readonly widths = 1;
  /** The watcher of the guest; null for none. */
  events: RtcEvents | null = null;
  private readonly bytes = new Uint8Array(BYTES);
  private index = 0;
  private readonly clock: Clock;
  private readonly timer: Timer;
  private readonly irq: Wire;
  private readonly manner: RtcManner;
  /** Updates end at whole seconds after this. */
  private phase: Nanos;
  /** The time from which periods are counted. */
  private ticksFrom: Nanos;
  private updates = 0;
  private periods = 0;

  constructor(name: string, board: Board, irq: Wire, { time, nvram }: RtcContents, manner = OF_CHIP) {
    this.name = name;
    this.clock = board.clock;
    this.irq = irq;
    this.manner = manner;
    this.timer = board.clock.timer(name, () => this.update());
    this.phase = this.ticksFrom = board.clock.now;
    this.bytes[REGISTER_A.offset] = REGISTER_A.reset;
    this.bytes[REGISTER_B.offset] = REGISTER_B.reset;
    this.bytes[REGISTER_D.offset] = REGISTER_D.reset;
    encodeTime(time, this.bytes, REGISTER_B.reset);
    for (const [index, byte] of nvram ?? []) this.bytes[index] = byte;
  }

  read(offset: number): number {
    if (offset === RTCI.offset) return FLOATING;
    this.update();
    const value = this.bytes[this.index]!;
    if (isTime(this.index)) this.events?.timeRead(this.index, this.isUpdating(), this.updates);
    if (this.index === REGISTER_A.offset) return value | (this.isUpdating() ? UIP : 0);
    if (this.index === REGISTER_C.offset) {
      this.bytes[REGISTER_C.offset] = 0;
      this.update();
    }
    return value;
  }

  write(offset: number, value: number): void {
    if (offset === RTCI.offset) {
      this.index = value & RTCI.mask.INDEX;
      this.events?.indexed(value);
      return;
    }
    this.catchUp();
    if (isTime(this.index)) this.events?.timeWritten(this.index, this.held(), value);
    else if (this.index < YEAR.offset) this.events?.alarmWritten(this.index, value);
    const before = this.registerB;
    this.store(value);
    if (this.index === REGISTER_A.offset || this.index === REGISTER_B.offset)
      this.events?.controlled(this.held(), this.registerA, this.registerB, before);
    this.update();
  }

  context(): number {
    return this.index;
  }

  describe(access: Described): string {
    const register = access.offset === RTCI.offset ? RTCI : rtcRegister(access.context);
    return `${this.name} ${registerText(register, access)}`;
  }

  /** RESET disables the interrupts and the square wave; the rest is battery-backed. */
  reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    this.catchUp();
    this.bytes[REGISTER_B.offset] = this.registerB & ~(PIE | AIE | UIE | SQWE);
    this.bytes[REGISTER_C.offset] = 0;
    this.update();
  }

  close(): void {
    this.irq.set(false);
    this.clock.remove(this.timer);
  }

  /** Why the interrupt that REGISTER_B enables does not come, in words; null where it does. */
  get silence(): string | null {
    const isPeriodic = (this.registerB & PIE) !== 0 && (this.registerA & RS) === 0;
    return isPeriodic
      ? 'REGISTER_B enables the periodic interrupt of the clock, and its rate in REGISTER_A is 0'
      : null;
  }

  private get registerA(): number {
    return this.bytes[REGISTER_A.offset]!;
  }

  private get registerB(): number {
    return this.bytes[REGISTER_B.offset]!;
  }

  private counts(): boolean {
    return this.manner.counting.includes((this.registerA & DV) >> DV_AT);
  }

  /** No update comes. */
  private held(): boolean {
    return !this.counts() || (this.registerB & SET) !== 0;
  }

  private isUpdating(): boolean {
    if (this.held()) return false;
    return (this.clock.now - this.phase) % SECOND >= SECOND - this.manner.uipTime;
  }

  private store(value: number): void {
    switch (this.index) {
      case REGISTER_A.offset:
        this.setRate(REGISTER_A.write(0, value));
        break;
      case REGISTER_B.offset:
        this.setFormat(value);
        break;
      case REGISTER_C.offset:
      case REGISTER_D.offset:
        break;
      default:
        this.bytes[this.index] = value;
    }
  }

  private setFormat(value: number): void {
    const time = this.manner.reformats && !this.held() ? this.time() : null;
    this.bytes[REGISTER_B.offset] = value & SET ? value & ~UIE : value;
    if (time !== null) encodeTime(time, this.bytes, value);
  }

  private setRate(value: number): void {
    const counted = this.counts();
    const lastTick = this.ticksFrom + timeOf(this.periods * this.periodTicks(), CRYSTAL_HERTZ);
    this.bytes[REGISTER_A.offset] = value;
    if (this.counts() && !counted) {
      this.phase = this.ticksFrom = this.clock.now + FIRST_UPDATE - SECOND;
      this.updates = 0;
    } else if (this.manner.ratesFromTick) this.ticksFrom = lastTick;
    this.periods = this.periodsSoFar();
  }

  /** Ticks of the crystal per period, or 0 for none. */
  private periodTicks(): number {
    const rate = this.registerA & RS;
    if (rate === 0) return 0;
    return rate <= 2 ? 64 << rate : 1 << (rate - 1);
  }

  private periodsSoFar(): number {
    const ticks = this.periodTicks();
    if (ticks === 0 || !this.counts()) return 0;
    return Math.floor(ticksIn(this.clock.now - this.ticksFrom, CRYSTAL_HERTZ) / ticks);
  }

  /** Applies everything that happened since the last read. */
  private catchUp(): void {
    if (!this.counts()) return;
    const periods = this.periodsSoFar();
    if (periods !== this.periods) this.raise(PF);
    this.periods = periods;
    const updates = Math.floor((this.clock.now - this.phase) / SECOND);
    const passed = updates - this.updates;
    this.updates = updates;
    if (passed <= 0 || this.registerB & SET) return;
    const before = this.time();
    if (untilAlarm(before, decodeAlarm(this.bytes, this.registerB)) <= passed) this.raise(AF);
    encodeTime(after(before, passed), this.bytes, this.registerB);
    this.raise(UF);
  }

  private time(): CalendarTime {
    return decodeTime(this.bytes.subarray(0, YEAR.offset + 1), this.registerB);
  }

  private raise(flag: number): void {
    this.bytes[REGISTER_C.offset] = this.bytes[REGISTER_C.offset]! | flag;
  }

  /** Drives IRQ 8, and sets the timer for the next event that would raise it. */
  private update(): void {
    this.catchUp();
    const flags = this.bytes[REGISTER_C.offset]! & ~IRQF;
    // Flags and their enables have the same places.
    const raised = (flags & this.registerB & (UF | AF | PF)) !== 0;
    this.bytes[REGISTER_C.offset] = raised ? flags | IRQF : flags;
    this.irq.set(raised);
    this.events?.driven(raised);
    const next = raised || !this.counts() ? NEVER : this.nextWanted();
    if (next === NEVER) this.timer.disarm();
    else this.timer.armAt(next);
  }

  private nextWanted(): Nanos {
    const enabled = this.registerB;
    let next = NEVER;
    const ticks = this.periodTicks();
    if (enabled & PIE && ticks > 0) next = this.ticksFrom + timeOf((this.periods + 1) * ticks, CRYSTAL_HERTZ);
    let updates = enabled & UIE ? 1 : NEVER;
    // SET stops the clock, and with it the alarm.
    if ((enabled & (AIE | SET)) === AIE)
      updates = Math.min(updates, untilAlarm(this.time(), decodeAlarm(this.bytes, enabled)));
    return Math.min(next, this.phase + (this.updates + updates) * SECOND);
  }
}

/** Whether it is a byte of time or date, not of an alarm. */
function isTime(index: number): boolean {
  return index <= YEAR.offset && (index >= DAY_OF_WEEK.offset || index % 2 === 0);
}
