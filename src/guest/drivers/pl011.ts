import { hex, type Nanos } from '../../core/bits.ts';
import { checkBytes, checkWhole } from '../../core/checks.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import * as reg from '../../serial/pl011/registers.ts';
import { DriverError, SECOND } from '../driver-error.ts';

const { RXFE, TXFF, BUSY } = reg.UARTFR.mask;
const { FE, PE, BE, OE } = reg.UARTDR.mask;
const EVERY_INTERRUPT = reg.UARTICR.writable;
const FORMAT = reg.UARTLCR_H.encode({ FEN: 1, WLEN: 3 });
const ON = reg.UARTCR.encode({ UARTEN: 1, TXE: 1, RXE: 1 });
/** Baud16 cycles in a bit, and parts of the fractional divisor. */
const [CYCLES, PARTS] = [16, 64];
/** Far more characters than come while they are taken. */
const DRAIN_MOST = 4096;
/** Longer than sending a full FIFO takes at 110 baud, 3.2 seconds. */
const FIFO_LIMIT: Nanos = 4 * SECOND;

/** Of a whole PL011, whose speed the driver sets: the rate of UARTCLK in hertz, and that of the line. */
export interface Pl011Rate {
  readonly clock: number;
  readonly baud: number;
}

/**
 * An Arm UART in use: a generic one as the firmware left it, or a whole PL011 with eight data bits, no parity, one stop bit.
 * It polls.
 *
 * @example
 * const uart = new Pl011Driver(port, 0x0900_0000);
 * uart.open();                                       // generic; { clock: 24_000_000, baud: 115_200 } for a whole one
 * uart.write(new TextEncoder().encode('hello\n'));   // returns when the last bit is sent
 * uart.read(SECOND);                                 // received bytes, after waiting for at least one
 * uart.close();
 */
export class Pl011Driver {
  readonly base: number;
  /** Bytes received with an error or lost: overruns, parity and framing errors, breaks. */
  errors = 0;
  private readonly port: GuestPort;

  constructor(port: GuestPort, base: number) {
    checkWhole('base', base, 0, Number.MAX_SAFE_INTEGER);
    this.port = port;
    this.base = base;
  }

  /** @param rate of a whole PL011. Left out, speed and format stay as they are. */
  open(rate?: Pl011Rate): void {
    this.put(reg.UARTIMSC, 0);
    if (rate !== undefined) this.setUp(rate);
    this.put(reg.UARTICR, EVERY_INTERRUPT);
    // Discards what came before.
    this.read();
    this.errors = 0;
  }

  /** Sends everything, and waits until the last bit is sent. */
  write(bytes: Uint8Array): void {
    checkBytes('bytes', bytes);
    for (const byte of bytes) {
      this.waitFor(() => (this.get(reg.UARTFR) & TXFF) === 0, 'the transmit FIFO stays full');
      this.put(reg.UARTDR, byte);
    }
    this.waitFor(() => (this.get(reg.UARTFR) & BUSY) === 0, 'the transmitter does not become idle');
  }

  /** All received bytes, after waiting up to `limit` nanoseconds for the first byte. */
  read(limit: Nanos = 0): Uint8Array {
    const inbox: number[] = [];
    this.port.wait(() => {
      this.receive(inbox);
      return inbox.length > 0;
    }, limit);
    return Uint8Array.from(inbox);
  }

  close(): void {
    this.put(reg.UARTIMSC, 0);
    this.put(reg.UARTICR, EVERY_INTERRUPT);
  }

  /** UARTLCR_H is written last: it takes the divisor over. */
  private setUp({ clock, baud }: Pl011Rate): void {
    const divisor = Math.round((clock * PARTS) / (CYCLES * baud));
    this.waitFor(() => (this.get(reg.UARTFR) & BUSY) === 0, 'the transmitter does not become idle');
    this.put(reg.UARTCR, 0);
    this.put(reg.UARTIBRD, Math.floor(divisor / PARTS));
    this.put(reg.UARTFBRD, divisor % PARTS);
    this.put(reg.UARTLCR_H, FORMAT);
    this.put(reg.UARTCR, ON);
  }

  private receive(inbox: number[]): void {
    for (let count = 0; count < DRAIN_MOST; count++) {
      if ((this.get(reg.UARTFR) & RXFE) !== 0) return;
      const data = this.get(reg.UARTDR);
      if ((data & (FE | PE | BE | OE)) !== 0) this.errors++;
      inbox.push(data & 0xff);
    }
    throw this.failure('characters come without an end');
  }

  private waitFor(until: () => boolean, failure: string): void {
    if (!this.port.wait(until, FIFO_LIMIT)) throw this.failure(failure);
  }

  private failure(what: string): DriverError {
    return new DriverError(this.port, `uart ${hex(this.base, 8)}`, what);
  }

  private get(register: Register): number {
    return this.port.read(this.base + register.offset, 4);
  }

  private put(register: Register, value: number): void {
    this.port.write(this.base + register.offset, value, 4);
  }
}
