import type { Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import type { Wire } from '../core/line.ts';
import { ConfigSpace } from '../pci/config-space.ts';
import { PmTimer } from './pm-timer.ts';
import {
  GLBCTL,
  GLBSTS,
  PM_IO_REGISTERS,
  PM_IO_SIZE,
  PMCNTRL,
  PMEN,
  PMSTS,
  PMTMR,
} from './registers/pm-io.ts';

const { TMROF, GBL, PWRBTN } = PMSTS.mask;
const { SCI_EN, GBL_RLS, SUS_EN } = PMCNTRL.mask;
const { SUS_TYP: SUS_TYP_AT } = PMCNTRL.shift;
const { BIOS, PM1 } = GLBSTS.mask;
const { BIOS_RLS } = GLBCTL.mask;

/** What the ports of the power management function do to the world. */
export interface PmWiring {
  /** SCI: high while SCI_EN and an event that is enabled. */
  readonly sci: Wire;
  /** SUS_EN was written: 0 soft off, 1 suspend to RAM, 2 to 4 powered-on suspends, 5 working, 6 and 7 reserved. */
  onSleep(type: number): void;
}

/**
 * The 64 ports at PMBA: ACPI's fixed events, control and timer. General purpose events have no source here, and
 * what the PIIX4 has for APM is kept and does nothing. No SMI is raised.
 * Source: 82371AB, Power Management I/O Registers; ACPI 4.8.
 */
export class PmIo implements Region {
  readonly name: string;
  readonly size = PM_IO_SIZE;
  private readonly registers = new ConfigSpace();
  private readonly timer: PmTimer;
  private readonly wiring: PmWiring;

  constructor(name: string, board: Board, wiring: PmWiring) {
    this.name = name;
    this.wiring = wiring;
    this.timer = new PmTimer(`${name} timer`, board.clock, () => this.update());
    for (const register of PM_IO_REGISTERS) this.registers.define(register);
  }

  read(offset: number, width: Width): number {
    if (offset >= PMTMR.offset && offset < PMTMR.offset + PMTMR.width)
      this.registers.set(PMTMR, this.timer.count);
    else this.refresh();
    return this.registers.read(offset, width);
  }

  write(offset: number, value: number, width: Width): void {
    this.refresh();
    this.registers.write(offset, value, width);
    this.act();
    this.update();
  }

  describe(access: { offset: number; width: number; value: number | null; write: boolean }): string {
    const { offset, width, value, write } = access;
    return `${this.name} ${this.registers.describe(offset, width, value, write)}`;
  }

  pressPowerButton(): void {
    this.registers.set(PMSTS, this.registers.get(PMSTS) | PWRBTN);
    this.update();
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
    this.update();
  }

  /** Brings up to date what changes without a write: TMROF and the summary of PMSTS in GLBSTS. */
  private refresh(): void {
    const { registers } = this;
    if (this.timer.takeOverflow()) registers.set(PMSTS, registers.get(PMSTS) | TMROF);
    const global = registers.get(GLBSTS);
    registers.set(GLBSTS, registers.get(PMSTS) !== 0 ? global | PM1 : global & ~PM1);
  }

  /** Does what bits that read 0 ask for. */
  private act(): void {
    const { registers } = this;
    const control = registers.get(PMCNTRL);
    const global = registers.get(GLBCTL);
    registers.set(PMCNTRL, control & ~(SUS_EN | GBL_RLS));
    registers.set(GLBCTL, global & ~BIOS_RLS);
    if (control & GBL_RLS) registers.set(GLBSTS, registers.get(GLBSTS) | BIOS);
    if (global & BIOS_RLS) registers.set(PMSTS, registers.get(PMSTS) | GBL);
    if (control & SUS_EN) this.wiring.onSleep((control & PMCNTRL.mask.SUS_TYP) >> SUS_TYP_AT);
  }

  /** Drives SCI, and asks for the next overflow if it will matter. */
  private update(): void {
    this.refresh();
    const { registers } = this;
    const enabled = registers.get(PMEN);
    const status = registers.get(PMSTS);
    this.wiring.sci.set((registers.get(PMCNTRL) & SCI_EN) !== 0 && (status & enabled) !== 0);
    this.timer.expectOverflow((enabled & ~status & TMROF) !== 0);
  }
}
