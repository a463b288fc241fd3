import type { ResetKind } from '../core/board.ts';
import type { Baud } from './baud.ts';
import { DLL, DLM, LCR, UART_CLOCK } from './registers.ts';

const { WLS, STB, PEN, DLAB, SBC } = LCR.mask;
/** BAUDOUT cycles in a bit (PC16550D, 8.3). */
const CYCLES = 16;
const POWER_ON_DIVISOR = (DLM.reset << 8) | DLL.reset;

/** LCR, and DLL and DLM behind its DLAB: speed and format of characters, and the break. */
export class LineControl {
  lcr = LCR.reset;
  private readonly baud: Baud;
  private readonly changed: () => void;

  /** @param changed called when the guest wrote one of the three. */
  constructor(baud: Baud, changed: () => void) {
    this.baud = baud;
    this.changed = changed;
  }

  /** The first two ports access DLL and DLM. */
  get latch(): boolean {
    return (this.lcr & DLAB) !== 0;
  }

  get break(): boolean {
    return (this.lcr & SBC) !== 0;
  }

  get dll(): number {
    return this.baud.divisor & 0xff;
  }

  get dlm(): number {
    return this.baud.divisor >> 8;
  }

  /** A write of DLL, or of DLM if `high`. */
  writeDivisor(value: number, high: boolean): void {
    this.set(high ? (value << 8) | this.dll : (this.baud.divisor & 0xff00) | value);
  }

  writeLcr(value: number): void {
    this.lcr = value;
    this.set(this.baud.divisor);
  }

  /** The divisor survives a reset, not the loss of power. */
  reset(kind: ResetKind): void {
    this.lcr = LCR.reset;
    this.time(kind === 'power' ? POWER_ON_DIVISOR : this.baud.divisor);
  }

  private set(divisor: number): void {
    this.time(divisor);
    this.changed();
  }

  private time(divisor: number): void {
    const { lcr } = this;
    const data = 5 + (lcr & WLS);
    const stop = (lcr & STB) === 0 ? 1 : data === 5 ? 1.5 : 2;
    const parity = (lcr & PEN) === 0 ? 0 : 1;
    this.baud.set(divisor, (1e9 * CYCLES * divisor) / UART_CLOCK, data, 1 + parity + stop);
  }
}
