import { hex, type Nanos } from '../../core/bits.ts';
import { checkBytes, checkWhole } from '../../core/checks.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Register } from '../../core/register.ts';
import {
  DLL,
  DLM,
  FCR,
  FIFO_SIZE,
  IER,
  IIR,
  LCR,
  LSR,
  MCR,
  MSR,
  RBR,
  THR,
  UART_CLOCK,
} from '../../serial/registers.ts';
import { DriverError, SECOND } from '../driver-error.ts';
import { GuestInterrupts } from '../interrupts/interrupts.ts';

const { ERBFI, ETBEI, ELSI } = IER.mask;
const { DR, OE, PE, FE, BI, THRE, TEMT } = LSR.mask;
const { DTR, RTS, OUT2 } = MCR.mask;
const EIGHT_BITS = LCR.encode({ WLS: 3 });
const FIFO_ON = FCR.encode({ ENABLE: 1, RESET_RCVR: 1, RESET_XMIT: 1, TRIGGER: 2 });
/** Values of IIR's ID. */
const SOURCE = { modem: 0, transmitter: 1, received: 2, lineStatus: 3, timeout: 6 } as const;
/** Value of IIR's FIFO: a 16450 has 0, a 16550, whose FIFOs fail, 2. */
const FIFO_WORKS = 3;
const CLOCKS_PER_BIT = 16;
/** Far more characters than come while they are taken: a UART that has always another is none. */
const DRAIN_MOST = 4096;
/** Longer than sending a full FIFO takes at 50 baud, 3.2 seconds. */
const FIFO_LIMIT: Nanos = 4 * SECOND;

/**
 * A 16550A in use: eight data bits, no parity, one stop bit, FIFOs on; or a 16450, which has none. It polls until `listen` is
 * called.
 *
 * @example
 * const uart = new UartDriver(port, 0x3f8);
 * uart.open(115200);
 * uart.write(new TextEncoder().encode('hello\n'));  // returns when the last bit is sent
 * uart.listen(4);                                   // from here on by interrupts
 * uart.write(bytes);
 * uart.read(SECOND);                                // received bytes, after waiting for at least one
 * uart.close();
 */
export class UartDriver {
  readonly base: number;
  /** Bytes received with an error or lost: overruns, parity and framing errors, breaks. */
  errors = 0;
  private readonly port: GuestPort;
  private readonly inbox: number[] = [];
  private readonly outbox: number[] = [];
  private stopListening: (() => void) | null = null;
  /** Bytes that fit when THRE is set. */
  private room = FIFO_SIZE;

  constructor(port: GuestPort, base: number) {
    checkWhole('base', base, 0, 0xffff);
    this.port = port;
    this.base = base;
  }

  /** @param baud a divisor of 115200. */
  open(baud = 115_200): void {
    checkWhole('baud', baud, 1, 115_200);
    const divisor = UART_CLOCK / CLOCKS_PER_BIT / baud;
    if (!Number.isInteger(divisor) || divisor < 1 || divisor > 0xffff)
      throw new MisuseError('baud', baud, 'a divisor of 115200 (example 9600)');
    this.put(IER, 0);
    this.put(LCR, EIGHT_BITS | LCR.mask.DLAB);
    this.put(DLL, divisor & 0xff);
    this.put(DLM, divisor >> 8);
    this.put(LCR, EIGHT_BITS);
    this.put(FCR, FIFO_ON);
    this.put(MCR, DTR | RTS);
    // Discards interrupts and data from before.
    for (const register of [LSR, RBR, MSR]) this.get(register);
    this.room = IIR.decode(this.get(IIR)).FIFO === FIFO_WORKS ? FIFO_SIZE : 1;
  }

  /** Sends everything, and waits until the shift register is empty. */
  write(bytes: Uint8Array): void {
    checkBytes('bytes', bytes);
    if (this.stopListening === null) this.writePolled(bytes);
    else this.writeByInterrupt(bytes);
    this.waitFor(() => (this.get(LSR) & TEMT) !== 0, 'the transmitter does not become empty');
  }

  /** All received bytes, after waiting up to `limit` nanoseconds for the first byte. */
  read(limit: Nanos = 0): Uint8Array {
    this.port.wait(() => {
      if (this.stopListening === null) this.receive();
      return this.inbox.length > 0;
    }, limit);
    return Uint8Array.from(this.inbox.splice(0));
  }

  /** Stops polling: from here on the UART interrupts on line `irq`, which it drives while OUT2 is set. */
  listen(irq: number): void {
    checkWhole('irq', irq, 0, 15);
    this.stopListening = GuestInterrupts.of(this.port).listen(irq, 'edge', () => this.serve());
    this.put(MCR, DTR | RTS | OUT2);
    this.put(IER, ERBFI | ELSI);
  }

  close(): void {
    this.put(IER, 0);
    this.put(MCR, 0);
    this.stopListening?.();
    this.stopListening = null;
  }

  private writePolled(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.room) {
      this.waitFor(() => (this.get(LSR) & THRE) !== 0, 'THRE does not come');
      this.fill(bytes.subarray(at, at + this.room));
    }
  }

  /** Setting ETBEI while the transmitter is empty raises the first interrupt; each one fills the FIFO again. */
  private writeByInterrupt(bytes: Uint8Array): void {
    for (const byte of bytes) this.outbox.push(byte);
    this.put(IER, ERBFI | ELSI | ETBEI);
    while (this.outbox.length > 0) {
      const before = this.outbox.length;
      this.waitFor(() => this.outbox.length < before, 'the THRE interrupt does not come');
    }
  }

  /** The line is edge-triggered: unless every source is served, it stays high without a further edge. */
  private serve(): boolean {
    let served = false;
    for (let iir = this.get(IIR); (iir & IIR.mask.NONE) === 0; iir = this.get(IIR)) {
      served = true;
      const source = IIR.decode(iir).ID;
      if (source === SOURCE.transmitter) this.transmit();
      else if (source === SOURCE.modem) this.get(MSR);
      else this.receive();
    }
    return served;
  }

  private transmit(): void {
    if (this.outbox.length === 0) this.put(IER, ERBFI | ELSI);
    else this.fill(this.outbox.splice(0, this.room));
  }

  /** THRE means that the FIFO is empty. */
  private fill(bytes: Iterable<number>): void {
    for (const byte of bytes) this.put(THR, byte);
  }

  /** Reading LSR shows whether there is a byte, and clears the errors of the one at the head. */
  private receive(): void {
    for (let count = 0; count < DRAIN_MOST; count++) {
      const lsr = this.get(LSR);
      if (lsr & (OE | PE | FE | BI)) this.errors++;
      if ((lsr & DR) === 0) return;
      this.inbox.push(this.get(RBR));
    }
    throw new DriverError(this.port, `uart ${hex(this.base, 3)}`, 'characters come without an end');
  }

  private waitFor(until: () => boolean, failure: string): void {
    if (!this.port.wait(until, FIFO_LIMIT))
      throw new DriverError(this.port, `uart ${hex(this.base, 3)}`, failure);
  }

  private get(register: Register): number {
    return this.port.in(this.base + register.offset, 1);
  }

  private put(register: Register, value: number): void {
    this.port.out(this.base + register.offset, value, 1);
  }
}
