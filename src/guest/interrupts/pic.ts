import { ICW1, ICW2, ICW3, ICW4, ISR, OCW1, OCW2, OCW3 } from '../../chipset/registers/pic.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';

const { PIC_MASTER, PIC_SLAVE } = PORT;
/** Edge-triggered, cascaded, ICW4 follows; 8086 mode, EOI by software. */
const START = ICW1.encode({ ICW1: 1, IC4: 1 });
const MODE = ICW4.encode({ uPM: 1 });
/** The master's input that the slave is wired to. */
const CASCADE = 2;
const SLAVE_LINES = 0xff00;
const NON_SPECIFIC_EOI = OCW2.encode({ EOI: 1 });
/** The register that the next reads of the even port return. */
const READ_ISR = OCW3.encode({ OCW3: 1, RR: 1, RIS: 1 });
const READ_IRR = OCW3.encode({ OCW3: 1, RR: 1 });
const ALL_MASKED = 0xff;

/**
 * The 8259A pair of a PC, vectors 20h to 2Fh.
 *
 * @example
 * const pic = new PicDriver(port);           // initialised, every line masked
 * pic.open(port, 4, 'edge');
 * port.handle(pic.vectorOf(4), () => {
 *   if (!pic.begin(port, 4)) return;
 *   // … serve the device …
 *   pic.end(port, 4);
 * });
 */
export class PicDriver implements LineController {
  private readonly base: number;
  /** OCW1 of slave and master combined: bit n masks IRQ n. */
  private imr = 0xffff;

  /** @param base first vector, a multiple of 8; the CPU reserves 0 to 1Fh. */
  constructor(port: GuestPort, base = 0x20) {
    this.base = base;
    initialise(port, PIC_MASTER, base, 1 << CASCADE);
    initialise(port, PIC_SLAVE, base + 8, CASCADE);
    this.writeMasks(port);
  }

  vectorOf(irq: number): number {
    return this.base + irq;
  }

  open(port: GuestPort, irq: number, trigger: Trigger): void {
    if (trigger === 'level') makeLevel(port, irq);
    this.imr &= ~(1 << irq);
    if (irq >= 8) this.imr &= ~(1 << CASCADE);
    this.writeMasks(port);
  }

  close(port: GuestPort, irq: number): void {
    this.imr |= 1 << irq;
    if ((this.imr & SLAVE_LINES) === SLAVE_LINES) this.imr |= 1 << CASCADE;
    this.writeMasks(port);
  }

  /**
   * A request that is withdrawn before the CPU acknowledges it becomes IRQ 7 or 15 with no in-service bit set.
   * The chip that sent it needs no EOI; if that was the slave, the master needs one for the cascade.
   */
  begin(port: GuestPort, irq: number): boolean {
    if (irq !== 7 && irq !== 15) return true;
    const chip = irq === 7 ? PIC_MASTER : PIC_SLAVE;
    port.out(chip + OCW3.offset, READ_ISR, 1);
    const inService = (port.in(chip + ISR.offset, 1) & 0x80) !== 0;
    port.out(chip + OCW3.offset, READ_IRR, 1);
    if (!inService && irq === 15) port.out(PIC_MASTER + OCW2.offset, NON_SPECIFIC_EOI, 1);
    return inService;
  }

  /** The slave first: after the master's EOI it could interrupt again at once. */
  end(port: GuestPort, irq: number): void {
    if (irq >= 8) port.out(PIC_SLAVE + OCW2.offset, NON_SPECIFIC_EOI, 1);
    port.out(PIC_MASTER + OCW2.offset, NON_SPECIFIC_EOI, 1);
  }

  intact(port: GuestPort): boolean {
    return (port.in(PIC_MASTER + OCW1.offset, 1) | (port.in(PIC_SLAVE + OCW1.offset, 1) << 8)) === this.imr;
  }

  private writeMasks(port: GuestPort): void {
    port.out(PIC_MASTER + OCW1.offset, this.imr & 0xff, 1);
    port.out(PIC_SLAVE + OCW1.offset, (this.imr >> 8) & 0xff, 1);
  }
}

/** Masks all lines: firmware leaves some unmasked, with its own vectors. */
export function maskPair(port: GuestPort): void {
  port.out(PIC_MASTER + OCW1.offset, ALL_MASKED, 1);
  port.out(PIC_SLAVE + OCW1.offset, ALL_MASKED, 1);
}

function makeLevel(port: GuestPort, irq: number): void {
  const elcr = PORT.ELCR + (irq >> 3);
  port.out(elcr, port.in(elcr, 1) | (1 << (irq & 7)), 1);
}

function initialise(port: GuestPort, chip: number, base: number, icw3: number): void {
  port.out(chip + ICW1.offset, START, 1);
  port.out(chip + ICW2.offset, base, 1);
  port.out(chip + ICW3.offset, icw3, 1);
  port.out(chip + ICW4.offset, MODE, 1);
  port.out(chip + OCW1.offset, ALL_MASKED, 1);
}

export type Trigger = 'edge' | 'level';

/**
 * Controller of the sixteen interrupt lines: the 8259A pair, or an I/O APIC. Each driver accesses it through its own
 * port.
 */
export interface LineController {
  /** The CPU vector of line `irq`, 0 to 15. */
  vectorOf(irq: number): number;
  /** Unmasks the line. */
  open(port: GuestPort, irq: number, trigger: Trigger): void;
  /** Masks the line. */
  close(port: GuestPort, irq: number): void;
  /** Call it first in a handler. False for a spurious interrupt: no device interrupted, so call no handlers. */
  begin(port: GuestPort, irq: number): boolean;
  /** Call it last in a handler, after the devices released the line: end of interrupt. */
  end(port: GuestPort, irq: number): void;
  /** Whether it still has its setup. After a reset of the machine it does not. */
  intact(port: GuestPort): boolean;
}
