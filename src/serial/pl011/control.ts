import type { Baud } from '../baud.ts';
import { MCR } from '../registers.ts';
import { Pl011Format } from './format.ts';
import * as reg from './registers.ts';

const CR = reg.UARTCR;
const { UARTEN, TXE, RXE, LBE, DTR, CTSEN } = CR.mask;
/** As SBSA wants the hardware's own software to leave it: 115200 baud, eight bits, FIFOs and both halves on. */
const [GENERIC_CR, GENERIC_IBRD, GENERIC_FBRD] = [UARTEN | TXE | RXE, 13, 1];
const GENERIC_LCR = reg.UARTLCR_H.encode({ FEN: 1, WLEN: 3 });

/** The registers that a whole PL011 has beside those of a generic UART: format, control, levels. */
export class Pl011Control {
  cr: number = CR.reset;
  ifls: number = reg.UARTIFLS.reset;
  readonly format: Pl011Format;
  private ilpr = 0;
  private dmacr = 0;

  constructor(baud: Baud) {
    this.format = new Pl011Format(baud);
  }

  get enabled(): boolean {
    return (this.cr & UARTEN) !== 0;
  }

  get sends(): boolean {
    return (this.cr & (UARTEN | TXE)) === (UARTEN | TXE);
  }

  get receives(): boolean {
    return (this.cr & (UARTEN | RXE)) === (UARTEN | RXE);
  }

  get loop(): boolean {
    return (this.cr & LBE) !== 0;
  }

  /** Nothing is sent while CTS is off. */
  get heedsCts(): boolean {
    return (this.cr & CTSEN) !== 0;
  }

  /** The modem's outputs, as MCR of a 16550 has them. */
  get mcr(): number {
    return ((this.cr / DTR) & 0xf) | (this.loop ? MCR.mask.LOOP : 0);
  }

  read(offset: number): number {
    switch (offset) {
      case reg.UARTILPR.offset:
        return this.ilpr;
      case reg.UARTIBRD.offset:
        return this.format.ibrd;
      case reg.UARTFBRD.offset:
        return this.format.fbrd;
      case reg.UARTLCR_H.offset:
        return this.format.lcr;
      case CR.offset:
        return this.cr;
      case reg.UARTIFLS.offset:
        return this.ifls;
      default:
        return this.dmacr;
    }
  }

  write(offset: number, value: number): void {
    const { format } = this;
    switch (offset) {
      case reg.UARTILPR.offset:
        this.ilpr = reg.UARTILPR.write(this.ilpr, value);
        break;
      case reg.UARTIBRD.offset:
        format.ibrd = reg.UARTIBRD.write(format.ibrd, value);
        break;
      case reg.UARTFBRD.offset:
        format.fbrd = reg.UARTFBRD.write(format.fbrd, value);
        break;
      case reg.UARTLCR_H.offset:
        format.take(value);
        break;
      case CR.offset:
        this.cr = CR.write(this.cr, value);
        break;
      case reg.UARTIFLS.offset:
        this.ifls = reg.UARTIFLS.write(this.ifls, value);
        break;
      default:
        this.dmacr = reg.UARTDMACR.write(this.dmacr, value);
    }
  }

  /** As a whole PL011 comes out of reset, or as a generic UART is left. */
  reset(whole: boolean): void {
    this.cr = whole ? CR.reset : GENERIC_CR;
    this.ifls = reg.UARTIFLS.reset;
    this.ilpr = this.dmacr = 0;
    if (whole) this.format.set(0, 0, 0);
    else this.format.set(GENERIC_IBRD, GENERIC_FBRD, GENERIC_LCR);
  }
}
