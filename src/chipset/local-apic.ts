import type { Region } from '../core/access.ts';
import { type Gpa, hex, type Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { accessText } from './access-text.ts';
import { isLogical, isPhysical } from './apic-destination.ts';
import { ApicTimer } from './apic-timer.ts';
import { isMessageAddress } from './interrupt-message.ts';
import * as APIC from './registers/local-apic.ts';
import { MSI_ADDRESS, MSI_DATA } from './registers/message.ts';
import { VectorSet } from './vector-set.ts';

const { DM } = MSI_ADDRESS.mask;
const { DEST: DEST_AT } = MSI_ADDRESS.shift;
const { VECTOR, DELMOD, TRIGGER } = MSI_DATA.mask;
const { DELMOD: DELMOD_AT } = MSI_DATA.shift;
const { ENABLE } = APIC.SVR.mask;
const { MASK, DELMOD: LVT_DELMOD, TIMER_MODE } = APIC.LVT.mask;
const { TIMER_MODE: TIMER_MODE_AT } = APIC.LVT.shift;
const { DESTMOD, SHORTHAND } = APIC.ICR_LOW.mask;
const { SHORTHAND: SHORTHAND_AT } = APIC.ICR_LOW.shift;
const { ID: ID_AT } = APIC.ID.shift;
const { SEND_ILLEGAL_VECTOR, RECEIVE_ILLEGAL_VECTOR } = APIC.ESR.mask;

const FIXED = 0;
const LOWEST_PRIORITY = 1;
/** LINT0 as firmware leaves it, and what makes it a virtual wire. */
const EXTINT_OPEN = APIC.LVT.encode({ DELMOD: 7 });
/** Vectors below belong to the processor. */
const FIRST_VECTOR = 16;
const CLASS = 0xf0;
const [TIMER, LINT0, ERROR] = (['TIMER', 'LINT0', 'ERROR'] as const).map((name) =>
  APIC.LVT_NAMES.indexOf(name),
) as [number, number, number];
const ALL_BUT_SELF = 3;
const LVT_ENTRIES = APIC.LVT_NAMES.length;

/**
 * The local APIC of the only CPU: messages of MSI, MSI-X and the IOAPIC come in, level interrupts are ended, and
 * the 8259 pair's INTR passes through LINT0. It starts as firmware leaves it, in virtual wire mode: enabled, with
 * LINT0 open as ExtINT. It sends interrupts to itself, has no other CPU to reach, and is never in x2APIC mode. The window
 * takes aligned 32-bit accesses; narrower reads see a part, narrower writes are lost.
 * Source: Intel SDM volume 3, Advanced Programmable Interrupt Controller.
 *
 * @example
 * const apic = new LocalApic('apic', board, { onEoi: (vector) => ioapic.eoi(vector) });
 * memory.map(0xfee0_0000, apic);
 * apic.message(0xfee0_0000, 0x41);     // vector 41h for APIC 0
 * if (apic.pending()) run(apic.accept(() => pic.acknowledge()));
 */
export class LocalApic implements Region {
  readonly name: string;
  readonly size = 0x1000;
  readonly widths = 4;
  private readonly onEoi: (vector: number) => void;
  private readonly irr = new VectorSet();
  private readonly isr = new VectorSet();
  private readonly tmr = new VectorSet();
  private readonly lvt = new Uint32Array(LVT_ENTRIES);
  private readonly timer: ApicTimer;
  private intr = false;
  private id = 0;
  private tpr = 0;
  private ldr = 0;
  private dfr = 0;
  private svr = 0;
  private esr = 0;
  private errors = 0;
  private icrLow = 0;
  private icrHigh = 0;

  /** `onEoi` is told the vector of each level interrupt that ends. */
  constructor(name: string, board: Board, options: { onEoi(vector: number): void }) {
    this.name = name;
    this.onEoi = options.onEoi;
    this.timer = new ApicTimer(`${name} timer`, board.clock, () => this.raiseLocal(TIMER));
    this.reset('power');
  }

  /**
   * A write to the bus at `address`. True if it was an interrupt for this APIC: to its id, its logical id or all,
   * fixed or lowest priority, while it is enabled, with a vector of 16 or more.
   */
  message(address: Gpa, data: number): boolean {
    if (!isMessageAddress(address) || (this.svr & ENABLE) === 0) return false;
    const destination = (address >>> DEST_AT) & 0xff;
    if (!this.isFor(destination, (address & DM) !== 0)) return false;
    const mode = (data & DELMOD) >> DELMOD_AT;
    if (mode !== FIXED && mode !== LOWEST_PRIORITY) return false;
    return this.request(data & VECTOR, (data & TRIGGER) !== 0, RECEIVE_ILLEGAL_VECTOR);
  }

  /** INTR of the 8259 pair. */
  setLint0(level: boolean): void {
    this.intr = level;
  }

  /** Whether there is an interrupt that the CPU could take now: the 8259 pair's, or one above PPR. */
  pending(): boolean {
    return this.takesExtInt() || this.deliverable() >= 0;
  }

  /**
   * The CPU takes the interrupt: `acknowledgePic` runs the INTA cycle if it is the 8259 pair's. The vector; the
   * spurious one of SVR if nothing is pending.
   */
  accept(acknowledgePic: () => number): number {
    if (this.takesExtInt()) return acknowledgePic();
    const vector = this.deliverable();
    if (vector < 0) return this.svr & VECTOR;
    this.irr.put(vector, false);
    this.isr.put(vector, true);
    return vector;
  }

  /** Any reset, the CPU's own included, leads through firmware back to virtual wire mode. INTR stays its owner's. */
  reset(_kind: ResetKind): void {
    this.irr.clear();
    this.isr.clear();
    this.tmr.clear();
    this.lvt.fill(APIC.LVT.reset);
    this.lvt[LINT0] = EXTINT_OPEN;
    this.id = APIC.ID.reset;
    this.tpr = APIC.TPR.reset;
    this.ldr = APIC.LDR.reset;
    this.dfr = APIC.DFR.reset;
    this.svr = APIC.SVR.reset | ENABLE;
    this.esr = 0;
    this.errors = 0;
    this.icrLow = 0;
    this.icrHigh = 0;
    this.timer.reset();
  }

  /** Takes its timer off the clock. */
  close(): void {
    this.timer.close();
  }

  read(offset: number, _width: Width): number {
    return this.readRegister(offset & ~3) >>> ((offset & 3) * 8);
  }

  write(offset: number, value: number, width: Width): void {
    if (width !== 4) return;
    switch (offset) {
      case APIC.ID.offset:
        this.id = APIC.ID.write(this.id, value);
        break;
      case APIC.TPR.offset:
        this.tpr = APIC.TPR.write(0, value);
        break;
      case APIC.EOI.offset:
        this.endOfInterrupt();
        break;
      case APIC.LDR.offset:
        this.ldr = APIC.LDR.write(0, value);
        break;
      case APIC.DFR.offset:
        this.dfr = APIC.DFR.write(this.dfr, value);
        break;
      case APIC.SVR.offset:
        this.writeSvr(value);
        break;
      case APIC.ESR.offset:
        this.esr = this.errors;
        this.errors = 0;
        break;
      case APIC.ICR_LOW.offset:
        this.icrLow = APIC.ICR_LOW.write(0, value);
        this.sendIpi();
        break;
      case APIC.ICR_HIGH.offset:
        this.icrHigh = APIC.ICR_HIGH.write(0, value);
        break;
      default:
        this.writeLvt(offset, value);
    }
  }

  describe(access: { offset: number; value: number | null; write: boolean }): string {
    const register = APIC.localApicRegister(access.offset);
    if (register === null) return `${this.name}+${hex(access.offset, 3)}`;
    return accessText(this.name, register, access);
  }

  private readRegister(offset: number): number {
    switch (offset) {
      case APIC.ID.offset:
        return this.id;
      case APIC.VERSION.offset:
        return APIC.VERSION.reset;
      case APIC.TPR.offset:
        return this.tpr;
      case APIC.PPR.offset:
        return this.ppr();
      case APIC.LDR.offset:
        return this.ldr;
      case APIC.DFR.offset:
        return this.dfr;
      case APIC.SVR.offset:
        return this.svr;
      case APIC.ESR.offset:
        return this.esr;
      case APIC.ICR_LOW.offset:
        return this.icrLow;
      case APIC.ICR_HIGH.offset:
        return this.icrHigh;
      default:
        return this.readBank(offset);
    }
  }

  /** ISR, TMR, IRR, the local vector table and the timer: words 16 bytes apart. */
  private readBank(offset: number): number {
    if (offset & 0xf) return 0;
    if (offset >= APIC.INITIAL_COUNT.offset) return this.timer.read(offset);
    const index = (offset >> 4) & 7;
    switch (offset & ~0x7f) {
      case APIC.ISR.offset:
        return this.isr.word(index);
      case APIC.TMR.offset:
        return this.tmr.word(index);
      case APIC.IRR.offset:
        return this.irr.word(index);
      default:
        return this.lvt[(offset - APIC.LVT.offset) >> 4] ?? 0;
    }
  }

  private writeLvt(offset: number, value: number): void {
    if (offset >= APIC.INITIAL_COUNT.offset) this.timer.write(offset, value);
    const entry = (offset - APIC.LVT.offset) / 16;
    if (this.lvt[entry] === undefined) return;
    const forced = this.svr & ENABLE ? 0 : MASK;
    this.lvt[entry] = APIC.LVT.write(0, value) | forced;
    if (entry === TIMER) this.timer.mode = (value & TIMER_MODE) >> TIMER_MODE_AT;
  }

  /** Disabling by software masks the local vector table until it is enabled and rewritten. */
  private writeSvr(value: number): void {
    this.svr = APIC.SVR.write(0, value);
    if ((this.svr & ENABLE) === 0) for (let i = 0; i < LVT_ENTRIES; i++) this.lvt[i] = this.lvt[i]! | MASK;
  }

  /** False, with an error, for a vector of the processor's own. */
  private request(vector: number, level: boolean, error: number): boolean {
    if (vector < FIRST_VECTOR) {
      const isFirst = this.errors === 0;
      this.errors |= error;
      if (isFirst) this.raiseLocal(ERROR);
      return false;
    }
    this.irr.put(vector, true);
    this.tmr.put(vector, level);
    return true;
  }

  private raiseLocal(entry: number): void {
    const local = this.lvt[entry]!;
    if ((local & (MASK | LVT_DELMOD)) === 0) this.request(local & VECTOR, false, RECEIVE_ILLEGAL_VECTOR);
  }

  /** Fixed interrupts that reach this CPU; all others have nobody to go to. */
  private sendIpi(): void {
    if ((this.svr & ENABLE) === 0) return;
    const { icrLow } = this;
    const shorthand = (icrLow & SHORTHAND) >> SHORTHAND_AT;
    const named = this.isFor(this.icrHigh >>> ID_AT, (icrLow & DESTMOD) !== 0);
    if (shorthand === ALL_BUT_SELF || (shorthand === 0 && !named)) return;
    if ((icrLow & DELMOD) >> DELMOD_AT <= LOWEST_PRIORITY)
      this.request(icrLow & VECTOR, false, SEND_ILLEGAL_VECTOR);
  }

  private endOfInterrupt(): void {
    const vector = this.isr.highest();
    if (vector < 0) return;
    this.isr.put(vector, false);
    if (this.tmr.has(vector)) this.onEoi(vector);
  }

  private takesExtInt(): boolean {
    return this.intr && (this.lvt[LINT0]! & (MASK | LVT_DELMOD)) === EXTINT_OPEN;
  }

  /** The vector to take next, or -1. */
  private deliverable(): number {
    const vector = this.irr.highest();
    return vector >= 0 && (vector & CLASS) > (this.ppr() & CLASS) ? vector : -1;
  }

  private ppr(): number {
    const served = this.isr.highest();
    return served >= 0 && (served & CLASS) > (this.tpr & CLASS) ? served & CLASS : this.tpr;
  }

  private isFor(destination: number, logical: boolean): boolean {
    return logical ? isLogical(destination, this.ldr, this.dfr) : isPhysical(destination, this.id);
  }
}
