import type { Nanos } from '../core/bits.ts';

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

/** Durations of bits and characters, by the registers of a UART. */
export class Baud {
  readonly pace: Pace;
  /** 0 stops the transmitter and the receiver. */
  divisor = 0;
  /** Bits of a data word that are sent: 0x1f to 0xff. */
  word = 0;
  /** A bit, by the registers, and so start, data, parity and stop bits: the units of timeouts. */
  bit: Nanos = 0;
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

  /** @param bit its duration. @param data bits of a data word. @param others start, parity and stop bits. */
  set(divisor: number, bit: Nanos, data: number, others: number): void {
    const bits = data + others;
    this.divisor = divisor;
    this.bit = bit;
    this.word = (1 << data) - 1;
    this.character = Math.round(bit * bits);
    if (this.pace === 'instant') return;
    const time = this.pace === 'baud' ? bit : this.pace / bits;
    this.start = Math.round(time);
    this.transfer = Math.round(time * bits);
    this.untilLastStop = Math.round(time * (bits - 1));
  }
}
