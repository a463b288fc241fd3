import type { Wire } from '../../core/line.ts';
import { UARTIMSC } from './registers.ts';

/** UARTRIS, UARTIMSC and the line: high while an interrupt is there and let through. */
export class Pl011Interrupts {
  imsc = 0;
  ris = 0;
  private readonly wire: Wire;
  /** Interrupts that there are. */
  private readonly known: number;

  /** @param known their bits. */
  constructor(wire: Wire, known: number) {
    this.wire = wire;
    this.known = known & UARTIMSC.writable;
  }

  get mis(): number {
    return this.ris & this.imsc;
  }

  enable(imsc: number): void {
    this.imsc = imsc & this.known;
    this.update();
  }

  raise(bits: number): void {
    this.ris |= bits & this.known;
    this.update();
  }

  end(bits: number): void {
    this.ris &= ~bits;
    this.update();
  }

  reset(): void {
    this.imsc = this.ris = 0;
    this.update();
  }

  close(): void {
    this.wire.set(false);
  }

  private update(): void {
    this.wire.set((this.ris & this.imsc) !== 0);
  }
}
