import type { Described, Region } from '../core/access.ts';
import type { ResetKind } from '../core/board.ts';
import { registerBlock } from '../core/register-block.ts';
import { Pic8259 } from './pic8259.ts';
import { ELCR1, ELCR2 } from './registers/pic.ts';

const ELCR = registerBlock([ELCR1, ELCR2]);
const CASCADE = 2;
/** What the CPU reads when no chip drives the bus. */
const FLOATING_BUS = 0xff;

/**
 * The two 8259A of a PC and their ELCR. The slave's INT is the master's IR2. The machine maps `master` at 20,
 * `slave` at A0 and `elcr` at 4D0, and joins `intr` to the CPU.
 *
 * @example
 * const pic = new Pic8259Pair('pic', (level) => apic.setLint0(level));
 * ports.map(0x20, pic.master, 'bridge');
 * isaLine.onChange = (level) => pic.setInput(4, level);
 * const vector = pic.acknowledge();    // the CPU's INTA cycle, after intr(true)
 */
export class Pic8259Pair {
  readonly name: string;
  readonly master: Pic8259;
  readonly slave: Pic8259;
  readonly elcr: Region;
  private readonly intr: (level: boolean) => void;
  private raised = false;

  /** `intr` is called with each change of INTR. */
  constructor(name: string, intr: (level: boolean) => void) {
    this.name = name;
    this.intr = intr;
    const update = () => this.update();
    this.master = new Pic8259(`${name} master`, 1 << CASCADE, update);
    this.slave = new Pic8259(`${name} slave`, 0, update);
    this.elcr = new Elcr(name, this.master, this.slave);
  }

  /** Sets the level of ISA line `irq`, 0 to 15. Line 2 does not exist: it is the cascade. */
  setInput(irq: number, level: boolean): void {
    if (irq !== CASCADE) this.chip(irq).setPin(irq & 7, level);
  }

  /**
   * A low line that goes high and, if that raised INTR, is low again before INTA: the CPU takes a spurious interrupt, IR7
   * of the chip. From the slave, IR2 of the master is in service and nothing is in the slave.
   */
  pulse(irq: number): void {
    const idle = !this.raised;
    this.setInput(irq, true);
    if (idle && this.raised) this.chip(irq).withdraw(irq & 7);
    else this.setInput(irq, false);
  }

  /** The INTA cycle: returns the vector. Valid at any time; without a request it is the master's spurious one. */
  acknowledge(): number {
    const level = this.master.acknowledge();
    if (!this.master.cascades(level)) {
      this.update();
      return this.master.vector(level);
    }
    if (this.slave.identity !== level) {
      this.update();
      return FLOATING_BUS;
    }
    const vector = this.slave.vector(this.slave.acknowledge());
    // INT falls with every INTA, so a further request of the slave is a new edge to the master.
    this.master.setPin(CASCADE, false);
    return vector;
  }

  /** What is in service, a bit for each IRQ, 0 to 15; bit 2 is the cascade. */
  inService(): number {
    return this.master.isr | (this.slave.isr << 8);
  }

  /** Where line `irq` is masked on its way to INTR, in words; null for nowhere. */
  maskedAt(irq: number): string | null {
    const chip = this.chip(irq);
    if (!chip.isOpen(irq & 7)) return chip.name;
    return irq < 8 || this.master.isOpen(CASCADE) ? null : `IR2 of ${this.master.name}, the cascade,`;
  }

  /** Whether line `irq` is requested, masked or not. */
  requests(irq: number): boolean {
    return (this.chip(irq).irr & (1 << (irq & 7))) !== 0;
  }

  /** The vector that its chip has for line `irq`. */
  vectorOf(irq: number): number {
    return this.chip(irq).vector(irq & 7);
  }

  /** Whether line `irq` is edge-triggered, by ELCR. */
  isEdge(irq: number): boolean {
    return (this.chip(irq).elcr & (1 << (irq & 7))) === 0;
  }

  /** Whether edge-triggered line `irq` is high, unmasked, and was served: no further interrupt until it falls. */
  isSpent(irq: number): boolean {
    return this.isEdge(irq) && !this.chip(irq).awaitsEdge(irq & 7);
  }

  /** A soft reset affects only the CPU. The levels of the lines belong to their owners and stay. */
  reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    this.slave.reset();
    this.master.reset();
  }

  private chip(irq: number): Pic8259 {
    return irq < 8 ? this.master : this.slave;
  }

  private update(): void {
    const cascaded = this.slave.int;
    if (cascaded !== this.master.pin(CASCADE)) {
      this.master.setPin(CASCADE, cascaded);
      return;
    }
    const raised = this.master.int;
    if (raised === this.raised) return;
    this.raised = raised;
    this.intr(raised);
  }
}

/** Edge/level control, ports 4D0 and 4D1. */
class Elcr implements Region {
  readonly name: string;
  readonly size = 2;
  readonly widths = 1;
  private readonly master: Pic8259;
  private readonly slave: Pic8259;

  constructor(name: string, master: Pic8259, slave: Pic8259) {
    this.name = name;
    this.master = master;
    this.slave = slave;
  }

  read(offset: number): number {
    return offset === 0 ? this.master.elcr : this.slave.elcr;
  }

  write(offset: number, value: number): void {
    if (offset === 0) this.master.elcr = ELCR1.write(0, value);
    else this.slave.elcr = ELCR2.write(0, value);
  }

  describe(access: Described): string {
    return ELCR.describe(access, this.name);
  }
}
