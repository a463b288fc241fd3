import type { Nanos } from '../core/bits.ts';
import { LCR, UART_CLOCK } from './registers.ts';

const { WLS, STB, PEN } = LCR.mask;
/** BAUDOUT cycles in a bit (PC16550D, 8.3). */
const CYCLES = 16;

/** How long bits and characters take, from the divisor latch and the line control register. */
export class Baud {
  /** 1 to 65535; 0 stops the transmitter and the receiver. */
  divisor = 0;
  /** Bits of a data word that go over the line: 0x1f to 0xff. */
  word = 0;
  bit: Nanos = 0;
  /** Start, data, parity and stop bits. */
  character: Nanos = 0;
  /** A character without its last stop bit. */
  untilLastStop: Nanos = 0;

  set(divisor: number, lcr: number): void {
    const data = 5 + (lcr & WLS);
    const stop = (lcr & STB) === 0 ? 1 : data === 5 ? 1.5 : 2;
    const bits = 1 + data + ((lcr & PEN) === 0 ? 0 : 1) + stop;
    const bit = (1e9 * CYCLES * divisor) / UART_CLOCK;
    this.divisor = divisor;
    this.word = (1 << data) - 1;
    this.bit = Math.round(bit);
    this.character = Math.round(bit * bits);
    this.untilLastStop = Math.round(bit * (bits - 1));
  }
}
