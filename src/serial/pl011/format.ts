import type { Baud } from '../baud.ts';
import { UARTLCR_H } from './registers.ts';

const { PEN, STP2, FEN, WLEN, BRK } = UARTLCR_H.mask;
/** UARTCLK, in hertz: that of QEMU's machine. A guess, since the divisor of 115200 baud is 13 and 1/64 by it. */
const UARTCLK = 24_000_000;
/** Baud16 cycles in a bit, and parts of the fractional divisor (DDI 0183, 2.4.2). */
const [CYCLES, PARTS] = [16, 64];

/** UARTIBRD, UARTFBRD and UARTLCR_H: a write of the last takes over all three (DDI 0183, 3.3.7). */
export class Pl011Format {
  ibrd = 0;
  fbrd = 0;
  lcr = 0;
  private readonly baud: Baud;

  constructor(baud: Baud) {
    this.baud = baud;
  }

  get fifoOn(): boolean {
    return (this.lcr & FEN) !== 0;
  }

  get break(): boolean {
    return (this.lcr & BRK) !== 0;
  }

  /** UARTLCR_H was written. */
  take(lcr: number): void {
    this.lcr = UARTLCR_H.write(this.lcr, lcr);
    const { ibrd } = this;
    // With an integer part of 0 nothing is divided, whatever the fraction is.
    const divisor = ibrd === 0 ? 0 : ibrd + this.fbrd / PARTS;
    const data = 5 + ((this.lcr & WLEN) >> UARTLCR_H.shift.WLEN);
    const others = 2 + ((this.lcr & PEN) === 0 ? 0 : 1) + ((this.lcr & STP2) === 0 ? 0 : 1);
    this.baud.set(divisor, (1e9 * CYCLES * divisor) / UARTCLK, data, others);
  }

  set(ibrd: number, fbrd: number, lcr: number): void {
    this.ibrd = ibrd;
    this.fbrd = fbrd;
    this.take(lcr);
  }
}
