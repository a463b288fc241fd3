import type { Clock, Timer } from '../core/clock.ts';
import type { Baud } from './baud.ts';
import { Fifo } from './fifo.ts';
import { FCR, FIFO_SIZE, LSR } from './registers.ts';

const { DR, OE, FIFOE } = LSR.mask;
/** PC16550D, 8.5. */
const TRIGGERS = [1, 4, 8, 14] as const;
const TIMEOUT_CHARACTERS = 4;

/** The receiving half: buffer register or FIFO, the errors of each byte, trigger level and character timeout. */
export class Receiver {
  /** OE, PE, FE and BI as LSR shows them until it is read. */
  errors = 0;
  /** A byte has waited for four character times without another coming or one being read. */
  timedOut = false;
  private readonly changed: () => void;
  private readonly fifo = new Fifo();
  private readonly baud: Baud;
  private readonly clock: Clock;
  private readonly timeout: Timer;
  private fifoOn = false;
  private trigger = 1;
  /** Bytes with an error behind the head. */
  private hidden = 0;
  private fifoError = false;
  private last = 0;

  /** @param changed called when the timeout is reached. */
  constructor(name: string, clock: Clock, baud: Baud, changed: () => void) {
    this.clock = clock;
    this.baud = baud;
    this.changed = changed;
    this.timeout = clock.timer(`${name} character timeout`, () => this.expire());
  }

  get empty(): boolean {
    return this.fifo.count === 0;
  }

  get full(): boolean {
    return this.fifo.full;
  }

  /** Whether the trigger level is reached. */
  get ready(): boolean {
    return this.fifo.count >= this.trigger;
  }

  /** FIFOE, the errors and DR as LSR shows them. */
  get status(): number {
    return (this.fifoError ? FIFOE : 0) | this.errors | (this.fifo.count > 0 ? DR : 0);
  }

  /** LSR was read: its errors are cleared. FIFOE stays while a byte further back has one. */
  told(): void {
    this.errors = 0;
    this.fifoError = this.hidden > 0;
  }

  /**
   * A byte came in, with `flags` of OE, PE, FE and BI; returns the byte that was lost for lack of room, or -1. OE belongs
   * to no byte: it shows at once (PC16550D, 8.4).
   */
  take(byte: number, cameWith: number): number {
    const flags = cameWith & ~OE;
    const lost = this.fifo.push(byte | (flags << 8));
    if (lost >= 0 || flags !== cameWith) this.errors |= OE;
    if (lost >= 0 && this.fifoOn) return lost & 0xff;
    if (this.fifo.count === 1) this.errors |= flags;
    else if (flags !== 0) this.hidden++;
    if (flags !== 0) this.fifoError = this.fifoOn;
    // A pending timeout ends with a read, not with another byte (PC16550D, 8.11).
    if (!this.timedOut) this.timeout.disarm();
    this.run();
    return lost < 0 ? -1 : lost & 0xff;
  }

  /** A read of RBR: an empty receiver shows what it last held. */
  read(): number {
    if (this.fifo.count === 0) return this.last;
    this.last = this.fifo.pop() & 0xff;
    if (this.fifo.count > 0) this.reveal();
    this.timedOut = false;
    this.timeout.disarm();
    this.run();
    return this.last;
  }

  clear(): void {
    this.fifo.clear();
    this.hidden = 0;
    this.fifoError = false;
    this.timedOut = false;
    this.timeout.disarm();
  }

  /** FIFO mode or 16450 mode; either change empties it. */
  setFifo(on: boolean): void {
    this.fifoOn = on;
    this.fifo.resize(on ? FIFO_SIZE : 1);
    this.trigger = 1;
    this.clear();
  }

  setTrigger(fcr: number): void {
    this.trigger = TRIGGERS[fcr >> FCR.shift.TRIGGER]!;
  }

  /** Starts the timeout if a byte waits and there is a baud clock. */
  run(): void {
    if (!this.fifoOn || this.timedOut || this.fifo.count === 0 || this.baud.divisor === 0) return;
    if (this.timeout.due === Number.POSITIVE_INFINITY)
      this.timeout.arm(TIMEOUT_CHARACTERS * this.baud.character);
  }

  reset(): void {
    this.setFifo(false);
    this.errors = 0;
  }

  close(): void {
    this.clock.remove(this.timeout);
  }

  /** A byte's errors show when it is at the head (PC16550D, 8.4). */
  private reveal(): void {
    const flags = this.fifo.head >> 8;
    if (flags === 0) return;
    this.errors |= flags;
    this.hidden--;
  }

  private expire(): void {
    if (this.baud.divisor === 0) return;
    this.timedOut = true;
    this.changed();
  }
}
