import type { Clock, Timer } from '../core/clock.ts';
import type { Baud } from './baud.ts';
import { Fifo } from './fifo.ts';

const EMPTY = -1;

/** What sends in a UART: holding register or FIFO, and the shift register, which has each byte for its character time. */
export abstract class ShiftRegister {
  /** Whether a byte may begin: one that has begun is always sent. */
  protected open = true;
  protected readonly fifo: Fifo;
  protected readonly baud: Baud;
  protected readonly clock: Clock;
  private readonly shift: Timer;
  private shifting = EMPTY;

  /** @param size bytes that the FIFO holds. */
  constructor(name: string, clock: Clock, baud: Baud, size: number) {
    this.clock = clock;
    this.baud = baud;
    this.fifo = new Fifo(size);
    this.shift = clock.timer(`${name} transmitter`, () => this.tick());
  }

  get empty(): boolean {
    return this.fifo.count === 0;
  }

  /** Bytes in the FIFO. */
  get waiting(): number {
    return this.fifo.count;
  }

  get full(): boolean {
    return this.fifo.full;
  }

  /** A byte waits, or is being sent. */
  get busy(): boolean {
    return this.fifo.count > 0 || this.shifting !== EMPTY;
  }

  /** Continues if there is something to send and a baud clock. */
  run(): void {
    if (this.baud.divisor === 0 || this.shift.due !== Number.POSITIVE_INFINITY) return;
    if (this.shifting !== EMPTY) this.shift.arm(this.baud.transfer);
    // From the first write to the THRE interrupt: 16 to 24 BAUDOUT cycles (PC16550D, 3.0, tSI); here 16, a bit.
    else if (this.fifo.count > 0 && this.open) this.shift.arm(this.baud.start);
  }

  close(): void {
    this.clock.remove(this.shift);
  }

  protected get idle(): boolean {
    return this.shifting === EMPTY;
  }

  /** Empties the FIFO; the shift register continues. */
  protected drop(): void {
    this.fifo.clear();
    if (this.shifting === EMPTY) this.shift.disarm();
  }

  /** Stops at once, including the shift register. */
  protected stop(): void {
    this.shifting = EMPTY;
    this.drop();
  }

  /** A byte has gone from the FIFO to the shift register. */
  protected abstract moved(): void;
  /** A byte has left the shift register, after its character time. */
  protected abstract left(byte: number): void;

  /** The start bit is due, or the last stop bit has passed. */
  private tick(): void {
    if (this.baud.divisor === 0) return;
    const sent = this.shifting;
    const more = this.fifo.count > 0 && this.open;
    this.shifting = more ? this.fifo.pop() : EMPTY;
    this.run();
    if (more) this.moved();
    if (sent !== EMPTY) this.left(sent & this.baud.word);
  }
}
