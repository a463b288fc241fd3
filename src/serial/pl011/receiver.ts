import type { Clock, Timer } from '../../core/clock.ts';
import type { Baud } from '../baud.ts';
import { Fifo } from '../fifo.ts';
import type { Pl011Interrupts } from './interrupts.ts';
import { levelOf } from './level.ts';
import { PL011_FIFO, UARTDR, UARTFR, UARTIFLS, UARTRIS, UARTRSR } from './registers.ts';

const { RX, RT, FE, PE, BE, OE } = UARTRIS.mask;
const { RXFE, RXFF } = UARTFR.mask;
/** From the errors of a character to those of UARTDR, and to their interrupts. */
const [TO_DATA, TO_INTERRUPT] = [UARTDR.shift.FE, UARTRIS.shift.FE];
/** DDI 0183, 2.8. */
const TIMEOUT_BITS = 32;

/** The receiving half: FIFO, or one character, the errors of each, and its interrupts. */
export class Pl011Receiver {
  /** UARTRSR. */
  errors = 0;
  private readonly fifo = new Fifo(PL011_FIFO);
  private readonly clock: Clock;
  private readonly baud: Baud;
  private readonly interrupts: Pl011Interrupts;
  private readonly timeout: Timer;
  private level = 1;
  private fifoOn = false;
  /** A character was lost, and none has found room since. */
  private overrun = false;
  private last = 0;

  constructor(name: string, clock: Clock, baud: Baud, interrupts: Pl011Interrupts) {
    this.clock = clock;
    this.baud = baud;
    this.interrupts = interrupts;
    this.timeout = clock.timer(`${name} receive timeout`, () => interrupts.raise(RT));
  }

  get empty(): boolean {
    return this.fifo.count === 0;
  }

  get full(): boolean {
    return this.fifo.full;
  }

  /** RXFE and RXFF as UARTFR shows them. */
  get flags(): number {
    return (this.empty ? RXFE : 0) | (this.full ? RXFF : 0);
  }

  /** A character came, with errors as UARTRSR has them. @returns whether there was room. */
  take(byte: number, errors: number): boolean {
    this.interrupts.raise((errors << TO_INTERRUPT) & (FE | PE | BE | OE));
    if (this.fifo.full) {
      this.lose();
      return false;
    }
    this.overrun = (errors & UARTRSR.mask.OE) !== 0;
    this.errors |= errors & UARTRSR.mask.OE;
    this.fifo.push(byte | ((errors & ~UARTRSR.mask.OE) << TO_DATA));
    if (this.fifo.count === this.level) this.interrupts.raise(RX);
    this.run();
    return true;
  }

  /** A read of UARTDR: an empty receiver shows what it gave last. */
  read(): number {
    if (this.fifo.count === 0) return this.last;
    const word = this.fifo.pop();
    this.last = word & 0xff;
    this.errors = (this.errors & UARTRSR.mask.OE) | (word >> TO_DATA);
    if (this.fifo.count < this.level) this.interrupts.end(RX);
    if (this.fifo.count === 0) this.interrupts.end(RT);
    this.run();
    return word | (this.overrun ? UARTDR.mask.OE : 0);
  }

  /** Starts the timeout anew, if a character waits and there is a baud clock. */
  run(): void {
    if (this.fifo.count === 0 || this.baud.divisor === 0) this.timeout.disarm();
    else this.timeout.arm(Math.round(TIMEOUT_BITS * this.baud.bit));
  }

  /** @param ifls whose level counts while the FIFO is on. A change of `on` empties it. */
  setFifo(on: boolean, ifls: number): void {
    this.level = on ? levelOf(UARTIFLS.decode(ifls).RXIFLSEL) : 1;
    if (on === this.fifoOn) return;
    this.fifoOn = on;
    this.fifo.resize(on ? PL011_FIFO : 1);
    this.run();
  }

  reset(): void {
    this.fifo.clear();
    this.errors = this.last = 0;
    this.overrun = false;
    this.run();
  }

  close(): void {
    this.clock.remove(this.timeout);
  }

  /** What is in the FIFO stays. */
  private lose(): void {
    this.overrun = true;
    this.errors |= UARTRSR.mask.OE;
    this.interrupts.raise(OE);
  }
}
