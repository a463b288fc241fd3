import type { Nanos } from '../core/bits.ts';
import { LCR, UART_CLOCK } from './registers.ts';

const { WLS, STB, PEN } = LCR.mask;
/** BAUDOUT cycles in a bit (PC16550D, 8.3). */
const CYCLES = 16;

/**
 * `baud`: a character takes its time on the line. `instant`: it takes none, like a virtual machine whose ports are byte
 * streams; the other end then waits while the receiver has no room. A number: it takes that long whatever the divisor is,
 * like a byte stream whose reader is slow.
 */
type Pace = 'baud' | 'instant' | Nanos;

/** What may differ from one UART to another. */
export interface UartManners {
  readonly pace?: Pace | undefined;
  /** A 16550A; without, a 16450. */
  readonly fifo?: boolean | undefined;
}

/** Durations of bits and characters, from the divisor latch and the line control register. */
export class Baud {
  readonly pace: Pace;
  /** 1 to 65535; 0 stops the transmitter and the receiver. */
  divisor = 0;
  /** Bits of a data word that are sent: 0x1f to 0xff. */
  word = 0;
  /** Start, data, parity and stop bits, by the registers: the unit of the character timeout. */
  character: Nanos = 0;
  /** From a write of THR to its start bit. */
  start: Nanos = 0;
  /** Duration of a character on the line. */
  transfer: Nanos = 0;
  /** The same without its last stop bit. */
  untilLastStop: Nanos = 0;

  constructor(pace: Pace) {
    this.pace = pace;
  }

  set(divisor: number, lcr: number): void {
    const data = 5 + (lcr & WLS);
    const stop = (lcr & STB) === 0 ? 1 : data === 5 ? 1.5 : 2;
    const bits = 1 + data + ((lcr & PEN) === 0 ? 0 : 1) + stop;
    const bit = (1e9 * CYCLES * divisor) / UART_CLOCK;
    this.divisor = divisor;
    this.word = (1 << data) - 1;
    this.character = Math.round(bit * bits);
    if (this.pace === 'instant') return;
    const time = this.pace === 'baud' ? bit : this.pace / bits;
    this.start = Math.round(time);
    this.transfer = Math.round(time * bits);
    this.untilLastStop = Math.round(time * (bits - 1));
  }
}
