import { TCW, TIMER_STATUS } from './registers/pit.ts';

const { MODE: MODE_AT, RW: RW_AT } = TCW.shift;

const LOW = 1;
const HIGH = 2;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * One counter of an 8254, computed when it is read: `now` is the number of CLK pulses so far. A written count is loaded by
 * the next pulse, at the end of a period, or by the gate, depending on the mode.
 * Source: Intel 82C54 data sheet (231244), Mode Definitions.
 */
export class PitCounter {
  /** Of the control word, 0 to 5. */
  mode = 0;
  /** CR, with 65536 for 0. */
  written = 0x1_0000;
  private control = 0;
  /** What was written for it. */
  private given = 0;
  private access = LOW;
  private gate = true;
  /** CR was written since the control word. */
  private hasCount = false;
  /** CR has not reached the counting element. */
  private isNull = true;
  /** The pulse at which it will. */
  private loadAt = NEVER;
  /** That is in the middle of a square wave: its second half continues. */
  private loadsSecondHalf = false;
  /** Counts, since `start`, from `loaded`. */
  private counts = false;
  private loaded = 0x1_0000;
  private start = 0;
  /** Pulses since `start` while the gate holds modes 0 and 4, else null. */
  private paused: number | null = null;
  /** The counting element's value while it does not count. */
  private held = 0;
  private lowWritten = 0;
  private highNext = false;
  private readsHigh = false;
  private latchedCount: number | null = null;
  private latchedStatus: number | null = null;

  /** A control word for this counter whose RW is not 0. */
  setControl(now: number, control: number): void {
    this.held = this.value(now);
    this.control = control;
    const mode = (control & TCW.mask.MODE) >> MODE_AT;
    this.mode = mode > 5 ? mode - 4 : mode;
    this.access = (control & TCW.mask.RW) >> RW_AT;
    this.hasCount = false;
    this.isNull = true;
    this.loadAt = NEVER;
    this.counts = false;
    this.highNext = false;
    this.readsHigh = false;
    this.latchedCount = null;
    this.latchedStatus = null;
  }

  writeByte(now: number, byte: number): void {
    if (this.access === LOW) this.setCount(now, byte);
    else if (this.access === HIGH) this.setCount(now, byte << 8);
    else if (this.highNext) {
      this.highNext = false;
      this.setCount(now, this.lowWritten | (byte << 8));
    } else {
      this.highNext = true;
      this.lowWritten = byte;
      if (this.mode === 0) this.stop(now);
    }
  }

  /** The next read returns a latched value, or the current one. */
  isSteady(now: number): boolean {
    this.elapsed(now);
    return this.latchedStatus !== null || this.latchedCount !== null || !this.counts || this.paused !== null;
  }

  /** It counts in BCD, and was given a digit above 9. */
  get isUndecimal(): boolean {
    return (this.control & TCW.mask.BCD) !== 0 && this.digits.some((digit) => digit > 9);
  }

  /** A count takes two accesses. */
  get isWhole(): boolean {
    return this.access === (LOW | HIGH);
  }

  /** One byte of a two-byte count was read, or written. */
  get halfRead(): boolean {
    return this.readsHigh;
  }

  /** A count was written, and the gate has kept it from counting since. */
  isStalled(now: number): boolean {
    this.elapsed(now);
    return this.hasCount && !this.gate && (this.paused === 0 || (!this.counts && this.loadAt === NEVER));
  }

  /** A count was latched and not read. */
  get isLatched(): boolean {
    return this.latchedCount !== null;
  }

  get halfWritten(): boolean {
    return this.highNext;
  }

  readByte(now: number): number {
    const status = this.latchedStatus;
    if (status !== null) {
      this.latchedStatus = null;
      return status;
    }
    const count = this.latchedCount ?? this.code(this.value(now));
    const high = this.access === HIGH || this.readsHigh;
    const isLast = this.access !== (LOW | HIGH) || this.readsHigh;
    this.readsHigh = !isLast;
    if (isLast) this.latchedCount = null;
    return high ? count >> 8 : count & 0xff;
  }

  latchCount(now: number): void {
    this.latchedCount ??= this.code(this.value(now));
  }

  latchStatus(now: number): void {
    const { OUT, NULL_COUNT, RW, MODE, BCD } = TIMER_STATUS.mask;
    this.latchedStatus ??=
      (this.out(now) ? OUT : 0) | (this.isNull ? NULL_COUNT : 0) | (this.control & (RW | MODE | BCD));
  }

  setGate(now: number, gate: boolean): void {
    if (gate === this.gate) return;
    const elapsed = this.elapsed(now);
    const value = this.value(now);
    this.gate = gate;
    switch (this.mode) {
      case 0:
      case 4:
        this.paused = gate ? null : elapsed;
        this.start = now - elapsed;
        break;
      case 2:
      case 3:
        this.counts = false;
        this.held = value;
        this.loadAt = gate && this.hasCount ? now + 1 : NEVER;
        break;
      default:
        if (gate && this.hasCount) this.loadAt = now + 1;
    }
  }

  /** The OUT pin. */
  out(now: number): boolean {
    const elapsed = this.elapsed(now);
    if (!this.counts) return this.mode !== 0;
    switch (this.mode) {
      case 0:
      case 1:
        return elapsed >= this.loaded;
      case 2:
        return elapsed % this.loaded !== this.loaded - 1;
      case 3:
        return elapsed % this.loaded < this.half();
      default:
        return elapsed !== this.loaded;
    }
  }

  /** The next pulse after which OUT may change, or Infinity; for periods below `shortest`, not every one. */
  nextChange(now: number, shortest: number): number {
    const runs = this.counts && this.paused === null;
    return Math.min(this.loadAt, runs ? now + this.untilChange(now, shortest) : NEVER);
  }

  private untilChange(now: number, shortest: number): number {
    const { loaded, mode } = this;
    const elapsed = this.elapsed(now);
    if (mode === 2 || mode === 3) {
      // A count of 1 is not a period: OUT does not change.
      if (loaded === 1) return NEVER;
      const phase = elapsed % loaded;
      const edge = mode === 2 ? loaded - 1 : this.half();
      if (phase >= edge) return loaded - phase;
      const skipped = Math.ceil(shortest / loaded) - 1;
      return edge - phase + Math.max(0, skipped) * loaded;
    }
    if (elapsed < loaded) return loaded - elapsed;
    return mode >= 4 && elapsed === loaded ? 1 : NEVER;
  }

  private setCount(now: number, code: number): void {
    this.given = code;
    const elapsed = this.elapsed(now);
    this.written = this.fromCode(code) || this.modulus();
    this.hasCount = true;
    this.isNull = true;
    const { mode, loaded } = this;
    if (mode === 0 || mode === 4) {
      if (mode === 0) this.stop(now);
      this.loadAt = now + 1;
    } else if (mode === 2 || mode === 3) {
      if (!this.counts) {
        if (this.gate) this.loadAt = now + 1;
        return;
      }
      const phase = elapsed % loaded;
      this.loadsSecondHalf = mode === 3 && phase < this.half();
      this.loadAt = now - phase + (this.loadsSecondHalf ? this.half() : loaded);
    }
  }

  private get digits(): number[] {
    return [0, 4, 8, 12].map((at) => (this.given >> at) & 15);
  }

  private stop(now: number): void {
    this.held = this.value(now);
    this.counts = false;
    this.loadAt = NEVER;
  }

  /** Applies what was due until `now`; returns the pulses since the count was loaded. */
  private elapsed(now: number): number {
    if (now >= this.loadAt) {
      this.loaded = this.written;
      this.start = this.loadsSecondHalf ? this.loadAt - this.half() : this.loadAt;
      this.paused = this.gate || (this.mode !== 0 && this.mode !== 4) ? null : 0;
      this.counts = true;
      this.isNull = false;
      this.loadAt = NEVER;
      this.loadsSecondHalf = false;
    }
    return this.paused ?? now - this.start;
  }

  /** The value of the counting element. */
  private value(now: number): number {
    const elapsed = this.elapsed(now);
    const { loaded } = this;
    if (!this.counts) return this.held;
    if (this.mode === 2) return loaded - (elapsed % loaded);
    if (this.mode === 3) {
      const phase = elapsed % loaded;
      // Odd counts are loaded less one; the first half then has one pulse more.
      return (loaded & ~1) - 2 * (phase < this.half() ? phase : phase - this.half());
    }
    const modulus = this.modulus();
    return (((loaded - elapsed) % modulus) + modulus) % modulus;
  }

  /** Pulses for which a square wave is high. */
  private half(): number {
    return (this.loaded + 1) >> 1;
  }

  private modulus(): number {
    return this.control & TCW.mask.BCD ? 10_000 : 0x1_0000;
  }

  private fromCode(code: number): number {
    if ((this.control & TCW.mask.BCD) === 0) return code;
    return (code >> 12) * 1000 + ((code >> 8) & 15) * 100 + ((code >> 4) & 15) * 10 + (code & 15);
  }

  /** The count as read at its port: 0 for the modulus. */
  private code(value: number): number {
    const rest = value % this.modulus();
    if ((this.control & TCW.mask.BCD) === 0) return rest;
    const digit = (unit: number) => Math.floor(rest / unit) % 10;
    return (digit(1000) << 12) | (digit(100) << 8) | (digit(10) << 4) | digit(1);
  }
}
