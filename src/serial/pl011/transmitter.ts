import type { Clock } from '../../core/clock.ts';
import type { Baud } from '../baud.ts';
import { ShiftRegister } from '../shift-register.ts';
import type { Pl011Interrupts } from './interrupts.ts';
import { levelOf } from './level.ts';
import { PL011_FIFO, UARTFR, UARTIFLS, UARTRIS } from './registers.ts';

const { TX } = UARTRIS.mask;
const { BUSY, TXFF, TXFE } = UARTFR.mask;

/**
 * The sending half: FIFO, or one character, and shift register. Its interrupt comes as the FIFO comes down to its level,
 * not because it is there: one that was never above it gives none (DDI 0183, 2.8).
 */
export class Pl011Transmitter extends ShiftRegister {
  private readonly interrupts: Pl011Interrupts;
  private readonly sent: (byte: number) => void;
  private level = 0;
  private fifoOn = false;

  /** @param sent called when a byte has left the shift register. */
  constructor(
    name: string,
    clock: Clock,
    baud: Baud,
    interrupts: Pl011Interrupts,
    sent: (byte: number) => void,
  ) {
    super(name, clock, baud, PL011_FIFO);
    this.interrupts = interrupts;
    this.sent = sent;
  }

  /** BUSY, TXFF and TXFE as UARTFR shows them. */
  get flags(): number {
    return (this.busy ? BUSY : 0) | (this.full ? TXFF : 0) | (this.empty ? TXFE : 0);
  }

  /** A character is being sent. */
  get sending(): boolean {
    return !this.idle;
  }

  /** A write of UARTDR. @returns whether there was room. */
  write(byte: number): boolean {
    if (this.fifo.full) return false;
    this.fifo.push(byte);
    if (this.fifo.count > this.level) this.interrupts.end(TX);
    this.run();
    return true;
  }

  /** Whether the next character may begin. */
  allow(open: boolean): void {
    this.open = open;
    this.run();
  }

  /** @param ifls whose level counts while the FIFO is on. A change of `on` empties it. */
  setFifo(on: boolean, ifls: number): void {
    this.level = on ? levelOf(UARTIFLS.decode(ifls).TXIFLSEL) : 0;
    if (on === this.fifoOn) return;
    this.fifoOn = on;
    this.fifo.resize(on ? PL011_FIFO : 1);
    this.drop();
  }

  reset(): void {
    this.stop();
  }

  protected moved(): void {
    if (this.fifo.count === this.level) this.interrupts.raise(TX);
  }

  protected left(byte: number): void {
    this.sent(byte);
  }
}
