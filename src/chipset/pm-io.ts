import type { Described, Region } from '../core/access.ts';
import type { Nanos, Width } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Wire } from '../core/line.ts';
import { ConfigSpace } from '../pci/config-space.ts';
import type { PmEvents } from './events.ts';
import {
  GLBCTL,
  GLBSTS,
  GPEN,
  GPSTS,
  PM_IO_REGISTERS,
  PM_IO_SIZE,
  PMCNTRL,
  PMEN,
  PMSTS,
  PMTMR,
} from './registers/pm-io.ts';
import { ticksIn, timeOf } from './ticks.ts';

const HERTZ = 3_579_545;
const COUNTER = 0x100_0000;
/** TMROF is set whenever bit 23 toggles: twice per round of the counter, each 2.3435 s. */
const HALF_ROUND = 0x80_0000;

/**
 * The ACPI power management timer: 24 bits at 3.579545 MHz, exactly, from virtual time. It costs nothing until it is
 * read; only a needed overflow uses a timer of the clock.
 */
class PmTimer {
  private readonly clock: Clock;
  private readonly timer: Timer;
  private start: Nanos = 0;
  /** Toggles of bit 23 seen so far. */
  private seen = 0;

  /** `overflowed` is called at the time of an overflow requested by `expectOverflow`. */
  constructor(name: string, clock: Clock, overflowed: () => void) {
    this.clock = clock;
    this.timer = clock.timer(name, overflowed);
  }

  get count(): number {
    return this.ticks() % COUNTER;
  }

  /** Whether bit 23 has toggled since the last call. */
  takeOverflow(): boolean {
    const toggles = Math.floor(this.ticks() / HALF_ROUND);
    const overflowed = toggles !== this.seen;
    this.seen = toggles;
    return overflowed;
  }

  /** Sets whether the next overflow is reported. */
  expectOverflow(wanted: boolean): void {
    if (wanted) this.timer.armAt(this.start + timeOf((this.seen + 1) * HALF_ROUND, HERTZ));
    else this.timer.disarm();
  }

  /** Counts from 0 again. */
  reset(): void {
    this.start = this.clock.now;
    this.seen = 0;
    this.timer.disarm();
  }

  close(): void {
    this.clock.remove(this.timer);
  }

  private ticks(): number {
    return ticksIn(this.clock.now - this.start, HERTZ);
  }
}

const { TMROF, GBL, RSM } = PMSTS.mask;
const { SCI_EN, GBL_RLS, SUS_EN } = PMCNTRL.mask;
const { SUS_TYP: SUS_TYP_AT } = PMCNTRL.shift;
const { BIOS, PM1, GP } = GLBSTS.mask;
const { BIOS_RLS, SMI_EN } = GLBCTL.mask;
const SOFT_OFF = 0;
const WORKING = 5;

/** Effects of the power management ports outside of the function. */
interface PmWiring {
  /** SCI: high while SCI_EN and an enabled event are set. */
  readonly sci: Wire;
  /** SUS_EN was written: 0 soft off, 1 suspend to RAM, 2 to 4 powered-on suspends, 5 working, 6 and 7 reserved. */
  onSleep(type: number): void;
  /** An event that the guest enabled occurred while it slept; RSM is set. */
  onWake(): void;
}

/**
 * The 64 ports at PMBA: ACPI's fixed and general purpose events, control and timer. The PIIX4's APM registers are kept
 * and have no effect.
 * Source: 82371AB, Power Management I/O Registers; ACPI 4.8.
 */
export class PmIo implements Region {
  readonly name: string;
  readonly size = PM_IO_SIZE;
  private readonly registers = new ConfigSpace();
  private readonly timer: PmTimer;
  /** Suspended, until an event wakes it. */
  private asleep = false;
  /** The watcher of the driver; null for none. */
  events: PmEvents | null = null;
  private readonly wiring: PmWiring;

  constructor(name: string, board: Board, wiring: PmWiring) {
    this.name = name;
    this.wiring = wiring;
    this.timer = new PmTimer(`${name} timer`, board.clock, () => this.update());
    for (const register of PM_IO_REGISTERS) this.registers.define(register);
  }

  read(offset: number, width: Width): number {
    if (offset >= PMTMR.offset && offset < PMTMR.offset + PMTMR.width) {
      this.events?.timed(width);
      this.registers.set(PMTMR, this.timer.count);
    } else this.refresh();
    return this.registers.read(offset, width);
  }

  write(offset: number, value: number, width: Width): void {
    this.refresh();
    if (offset === PMSTS.offset && width >= PMSTS.width)
      this.events?.statusWritten(value & 0xffff, this.registers.get(PMSTS));
    this.registers.write(offset, value, width);
    this.act();
    this.update();
  }

  describe(access: Described): string {
    return `${this.name} ${this.registers.describe(access)}`;
  }

  /** Whether a command at APMC may raise SMI. */
  get smiEnabled(): boolean {
    return (this.registers.get(GLBCTL) & SMI_EN) !== 0;
  }

  /** Sets bits of PMSTS, as their events do. */
  raise(events: number): void {
    this.registers.set(PMSTS, this.registers.get(PMSTS) | events);
    if (!this.asleep && (events & this.registers.get(PMEN)) !== 0) this.events?.raised(this.isAcpi);
    this.wakeBy(events & this.registers.get(PMEN));
    this.update();
  }

  /** Sets bits of GPSTS. */
  raiseGeneral(events: number): void {
    this.registers.set(GPSTS, this.registers.get(GPSTS) | events);
    if (!this.asleep && (events & this.registers.get(GPEN)) !== 0) this.events?.raised(this.isAcpi);
    this.wakeBy(events & this.registers.get(GPEN));
    this.update();
  }

  /** SCI_EN: events raise SCI, and not SMI. */
  get isAcpi(): boolean {
    return (this.registers.get(PMCNTRL) & SCI_EN) !== 0;
  }

  /** Why an event that PMEN enables raises no SCI, in words; null where there is none. */
  get silence(): string | null {
    const events = this.registers.get(PMSTS) & this.registers.get(PMEN);
    return events === 0 || this.isAcpi ? null : 'PMSTS has an event that PMEN enables, and SCI_EN is clear';
  }

  /** SCI_EN, as the firmware's SMI handler sets it. */
  enableAcpi(on: boolean): void {
    const control = this.registers.get(PMCNTRL);
    this.registers.set(PMCNTRL, on ? control | SCI_EN : control & ~SCI_EN);
    this.update();
  }

  close(): void {
    this.timer.close();
  }

  reset(): void {
    this.registers.reset();
    this.timer.reset();
    this.asleep = false;
    this.update();
  }

  private sleep(type: number): void {
    this.events?.slept(type);
    this.asleep = type > SOFT_OFF && type < WORKING;
    this.wiring.onSleep(type);
  }

  private wakeBy(enabled: number): void {
    if (!this.asleep || enabled === 0) return;
    this.asleep = false;
    this.registers.set(PMSTS, this.registers.get(PMSTS) | RSM);
    this.wiring.onWake();
  }

  /** Updates bits that change without a write: TMROF, and the summaries in GLBSTS. */
  private refresh(): void {
    const { registers } = this;
    if (this.timer.takeOverflow()) registers.set(PMSTS, registers.get(PMSTS) | TMROF);
    const events = (registers.get(PMSTS) !== 0 ? PM1 : 0) | (registers.get(GPSTS) !== 0 ? GP : 0);
    registers.set(GLBSTS, (registers.get(GLBSTS) & ~(PM1 | GP)) | events);
  }

  /** Performs the actions of bits that read 0. */
  private act(): void {
    const { registers } = this;
    const control = registers.get(PMCNTRL);
    const global = registers.get(GLBCTL);
    registers.set(PMCNTRL, control & ~(SUS_EN | GBL_RLS));
    registers.set(GLBCTL, global & ~BIOS_RLS);
    if (control & GBL_RLS) registers.set(GLBSTS, registers.get(GLBSTS) | BIOS);
    if (global & BIOS_RLS) registers.set(PMSTS, registers.get(PMSTS) | GBL);
    if (control & SUS_EN) this.sleep((control & PMCNTRL.mask.SUS_TYP) >> SUS_TYP_AT);
  }

  /** Drives SCI, and sets the timer for the next overflow if it is needed. */
  private update(): void {
    this.refresh();
    const { registers } = this;
    const enabled = registers.get(PMEN);
    const status = registers.get(PMSTS);
    const general = registers.get(GPSTS) & registers.get(GPEN);
    const pending = (status & enabled) !== 0 || general !== 0;
    this.wiring.sci.set(pending && this.isAcpi);
    this.timer.expectOverflow((enabled & ~status & TMROF) !== 0);
  }
}
