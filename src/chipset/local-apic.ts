import type { Described, Region } from '../core/access.ts';
import { type Gpa, hex, type Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { registerText } from '../core/register-block.ts';
import { ApicPriority } from './apic-priority.ts';
import { ApicTimer } from './apic-timer.ts';
import type { LocalApicEvents } from './events.ts';
import { ApicDestination, InterruptCommand } from './interrupt-command.ts';
import { ERROR, LocalVectorTable, TIMER } from './local-vector-table.ts';
import * as APIC from './registers/local-apic.ts';
import { MESSAGE_BASE, MSI_ADDRESS, MSI_DATA } from './registers/local-apic.ts';

const { DM } = MSI_ADDRESS.mask;
const { DEST: DEST_AT, BASE: BASE_AT } = MSI_ADDRESS.shift;
const { VECTOR, DELMOD, TRIGGER } = MSI_DATA.mask;
const { DELMOD: DELMOD_AT } = MSI_DATA.shift;
const { ENABLE, VECTOR: SPURIOUS } = APIC.SVR.mask;
const { SEND_ILLEGAL_VECTOR, RECEIVE_ILLEGAL_VECTOR } = APIC.ESR.mask;

const LOWEST_PRIORITY = 1;
/** Vectors below this are reserved for the processor. */
const FIRST_VECTOR = 16;

export function isMessageAddress(address: Gpa): boolean {
  return address >>> BASE_AT === MESSAGE_BASE && address <= 0xffff_ffff;
}

/**
 * The local APIC of the only CPU: it receives messages of MSI, MSI-X and the IOAPIC, ends level interrupts, and passes
 * the 8259 pair's INTR through LINT0. Its initial state is that after firmware, virtual wire mode: enabled, with LINT0
 * unmasked as ExtINT. It sends interrupts to itself, has no other CPU to reach, and is never in x2APIC mode. The window
 * takes aligned 32-bit accesses; narrower reads return a part, narrower writes are lost.
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
  /** The watcher of the guest; null for none. */
  events: LocalApicEvents | null = null;
  private readonly onEoi: (vector: number) => void;
  private readonly destination = new ApicDestination();
  private readonly priority = new ApicPriority();
  private readonly lvt = new LocalVectorTable();
  private readonly icr = new InterruptCommand();
  private readonly timer: ApicTimer;
  private intr = false;
  private svr = 0;
  private esr = 0;
  /** ESR's value after the next write to it. */
  private errors = 0;

  /** `onEoi` is called with the vector of each level interrupt that ends. */
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
    if (!isMessageAddress(address)) return false;
    if ((this.svr & ENABLE) === 0) {
      this.events?.lost(data);
      return false;
    }
    if (!this.destination.isFor((address >>> DEST_AT) & 0xff, (address & DM) !== 0)) return false;
    if ((data & DELMOD) >> DELMOD_AT > LOWEST_PRIORITY) return false;
    return this.request(data & VECTOR, (data & TRIGGER) !== 0, RECEIVE_ILLEGAL_VECTOR);
  }

  /** INTR of the 8259 pair. */
  setLint0(level: boolean): void {
    this.intr = level;
  }

  /** Whether it has a logical ID, and whether that is `destination` or among several there. */
  get isNamed(): boolean {
    return this.destination.ldr !== 0;
  }

  hasLogical(destination: number): boolean {
    return this.destination.isFor(destination, true);
  }

  /** Whether LINT0 passes INTR of the 8259 pair. */
  get isVirtualWire(): boolean {
    return this.lvt.isVirtualWire;
  }

  /**
   * What keeps an interrupt back of which `handles` knows the vector, and why, in words; null for nothing. `isOff`: the processor's
   * interrupt flag was never set.
   */
  heldBack(handles: (vector: number) => boolean, isOff: boolean): { vector: number; said: string } | null {
    const { requested, served, next, tpr } = this.priority;
    if (isOff && next >= 0 && handles(next))
      return {
        vector: next,
        said: `vector ${hex(next, 2)} is requested, and the interrupt flag was never set`,
      };
    if (requested >= 0 && next < 0 && served < 0 && handles(requested))
      return {
        vector: requested,
        said: `vector ${hex(requested, 2)} is requested, and TPR is ${hex(tpr, 2)}`,
      };
    const vector = this.lvt.maskedVector(TIMER);
    const isLost = vector >= FIRST_VECTOR && this.timer.hasExpired && handles(vector);
    return isLost
      ? { vector, said: "the local APIC's timer has counted down, and its LVT entry has MASK set" }
      : null;
  }

  /** Whether there is an interrupt that the CPU could take now: the 8259 pair's, or one above PPR. */
  pending(): boolean {
    return this.takesExtInt() || this.priority.next >= 0;
  }

  /**
   * The CPU takes the interrupt: `acknowledgePic` runs the INTA cycle if it is the 8259 pair's. Returns the vector; the
   * spurious one of SVR if nothing is pending.
   */
  accept(acknowledgePic: () => number): number {
    if (this.takesExtInt()) return acknowledgePic();
    const vector = this.priority.next;
    if (vector < 0) return this.svr & SPURIOUS;
    this.priority.serve(vector);
    return vector;
  }

  /** Any reset, also of the CPU alone, restores the virtual wire mode that firmware sets up. INTR's level stays. */
  reset(_kind: ResetKind): void {
    this.destination.reset();
    this.priority.reset();
    this.lvt.reset();
    this.icr.reset();
    this.timer.reset();
    this.svr = APIC.SVR.reset | ENABLE;
    this.esr = 0;
    this.errors = 0;
  }

  /** Removes its timer from the clock. */
  close(): void {
    this.timer.close();
  }

  read(offset: number, _width: Width): number {
    return this.readRegister(offset & ~3) >>> ((offset & 3) * 8);
  }

  write(offset: number, value: number, width: Width): void {
    if (width !== 4) {
      this.events?.narrow(offset, width);
      return;
    }
    const { destination } = this;
    switch (offset) {
      case APIC.ID.offset:
        destination.id = APIC.ID.write(destination.id, value);
        break;
      case APIC.TPR.offset:
        this.priority.tpr = APIC.TPR.write(0, value);
        break;
      case APIC.EOI.offset:
        this.endOfInterrupt();
        break;
      case APIC.LDR.offset:
        destination.ldr = APIC.LDR.write(0, value);
        break;
      case APIC.DFR.offset:
        destination.dfr = APIC.DFR.write(destination.dfr, value);
        break;
      case APIC.SVR.offset:
        this.svr = APIC.SVR.write(0, value);
        this.events?.switched(this.enabled, this.svr & SPURIOUS);
        if (!this.enabled) this.lvt.mask();
        break;
      case APIC.ESR.offset:
        this.esr = this.errors;
        this.errors = 0;
        break;
      case APIC.ICR_LOW.offset:
        this.icr.low = APIC.ICR_LOW.write(0, value);
        this.events?.commanded(this.icr.low, this.icr.high);
        this.sendIpi();
        break;
      case APIC.ICR_HIGH.offset:
        this.icr.high = APIC.ICR_HIGH.write(0, value);
        break;
      default:
        if (offset >= APIC.INITIAL_COUNT.offset) this.writeTimer(offset, value);
        else this.writeLvt(lvtEntry(offset), value);
    }
  }

  describe(access: Described): string {
    const register = APIC.localApicRegister(access.offset);
    return register === null
      ? `${this.name}+${hex(access.offset, 3)}`
      : `${this.name} ${registerText(register, access)}`;
  }

  private readRegister(offset: number): number {
    switch (offset) {
      case APIC.ID.offset:
        return this.destination.id;
      case APIC.VERSION.offset:
        return APIC.VERSION.reset;
      case APIC.TPR.offset:
        return this.priority.tpr;
      case APIC.PPR.offset:
        return this.priority.ppr;
      case APIC.LDR.offset:
        return this.destination.ldr;
      case APIC.DFR.offset:
        return this.destination.dfr;
      case APIC.SVR.offset:
        return this.svr;
      case APIC.ESR.offset:
        return this.esr;
      case APIC.ICR_LOW.offset:
        return this.icr.low;
      case APIC.ICR_HIGH.offset:
        return this.icr.high;
      default:
        return this.readBank(offset);
    }
  }

  /** ISR, TMR, IRR, the local vector table and the timer: words 16 bytes apart. */
  private readBank(offset: number): number {
    if (offset & 0xf) return 0;
    if (offset >= APIC.INITIAL_COUNT.offset) return this.timer.read(offset);
    return offset >= APIC.LVT.offset ? this.lvt.read(lvtEntry(offset)) : this.priority.read(offset);
  }

  private writeTimer(offset: number, value: number): void {
    const counts = offset === APIC.INITIAL_COUNT.offset && value > 0;
    if (counts) this.events?.timerStarted(this.lvt.vector(TIMER), this.lvt.timerMode);
    if (offset === APIC.DIVIDE.offset) this.events?.timerDivided(value);
    this.timer.write(offset, value);
  }

  private writeLvt(entry: number, value: number): void {
    this.events?.localWritten(!this.enabled && (value & APIC.LVT.mask.MASK) === 0);
    this.lvt.write(entry, value, this.enabled);
    if (entry === TIMER) this.timer.mode = this.lvt.timerMode;
  }

  private get enabled(): boolean {
    return (this.svr & ENABLE) !== 0;
  }

  /** False, with an error, for a reserved vector. */
  private request(vector: number, level: boolean, error: number): boolean {
    if (vector >= FIRST_VECTOR) {
      this.priority.request(vector, level);
      return true;
    }
    const isFirst = this.errors === 0;
    this.errors |= error;
    if (isFirst) this.raiseLocal(ERROR);
    return false;
  }

  private raiseLocal(entry: number): void {
    const vector = this.lvt.vector(entry);
    if (vector >= 0) this.request(vector, false, RECEIVE_ILLEGAL_VECTOR);
  }

  private sendIpi(): void {
    const { icr } = this;
    if (this.enabled && icr.reaches(this.destination)) this.request(icr.vector, false, SEND_ILLEGAL_VECTOR);
  }

  private endOfInterrupt(): void {
    this.events?.ended(this.priority.served);
    const vector = this.priority.end();
    if (vector >= 0) this.onEoi(vector);
  }

  private takesExtInt(): boolean {
    return this.intr && this.lvt.isVirtualWire;
  }
}

function lvtEntry(offset: number): number {
  return (offset - APIC.LVT.offset) / 16;
}
