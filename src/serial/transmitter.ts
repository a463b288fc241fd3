import type { Clock, Timer } from '../core/clock.ts';
import type { Baud } from './baud.ts';
import { Fifo } from './fifo.ts';
import { FIFO_SIZE, LSR } from './registers.ts';

const { THRE, TEMT } = LSR.mask;
const EMPTY = -1;

/** The owner of a transmitter. */
interface TransmitterOwner {
  /** As time passed, the FIFO became empty, or the THRE interrupt pending. */
  empty(): void;
  /** A byte has left the shift register, after its character time. */
  sent(byte: number): void;
}

/**
 * The sending half: holding register or FIFO, shift register, and the THRE interrupt, which is latched separately from
 * LSR.THRE.
 */
export class Transmitter {
  /** The THRE interrupt is pending; one that is put off, only if it is enabled. */
  interrupt = false;
  /** ETBEI. */
  wanted = false;
  private readonly fifo = new Fifo();
  private readonly baud: Baud;
  private readonly owner: TransmitterOwner;
  private readonly clock: Clock;
  private readonly shift: Timer;
  private readonly indication: Timer;
  private shifting = EMPTY;
  /** Maximum bytes in the FIFO since it was last empty. */
  private most = 0;
  private fifoOn = false;

  constructor(name: string, clock: Clock, baud: Baud, owner: TransmitterOwner) {
    this.clock = clock;
    this.baud = baud;
    this.owner = owner;
    this.shift = clock.timer(`${name} transmitter`, () => this.tick());
    this.indication = clock.timer(`${name} THRE`, () => {
      this.interrupt = true;
      owner.empty();
    });
  }

  get empty(): boolean {
    return this.fifo.count === 0;
  }

  /** Bytes in the FIFO. */
  get waiting(): number {
    return this.fifo.count;
  }

  /** TEMT is 0. */
  get busy(): boolean {
    return this.fifo.count > 0 || this.shifting !== EMPTY;
  }

  get full(): boolean {
    return this.fifo.full;
  }

  /** THRE and TEMT as LSR shows them. */
  get status(): number {
    if (this.fifo.count > 0) return 0;
    return this.shifting === EMPTY ? THRE | TEMT : THRE;
  }

  /** A write of THR; returns the byte that was lost for lack of room, or -1. */
  write(byte: number): number {
    this.interrupt = false;
    this.indication.disarm();
    const lost = this.fifo.push(byte);
    if (this.fifo.count > this.most) this.most = this.fifo.count;
    this.run();
    return lost;
  }

  /** ETBEI went from 0 to 1: an empty holding register is reported again. */
  enabled(): void {
    if (this.fifo.count === 0) this.indicate();
  }

  /** Empties the FIFO; the shift register continues. The interrupt is immediate (PC16550D, 8.11). */
  clear(): void {
    this.fifo.clear();
    this.most = 0;
    if (this.shifting === EMPTY) this.shift.disarm();
    this.indicate();
  }

  /** FIFO mode or 16450 mode; either change empties it. */
  setFifo(on: boolean): void {
    this.fifoOn = on;
    this.fifo.resize(on ? FIFO_SIZE : 1);
    this.clear();
  }

  /** Continues if there is something to send and a baud clock. */
  run(): void {
    if (this.baud.divisor === 0 || this.shift.due !== Number.POSITIVE_INFINITY) return;
    if (this.shifting !== EMPTY) this.shift.arm(this.baud.transfer);
    // From the first write to the THRE interrupt: 16 to 24 BAUDOUT cycles (PC16550D, 3.0, tSI); here 16, a bit.
    else if (this.fifo.count > 0) this.shift.arm(this.baud.start);
  }

  /** Stops at once, including the shift register. */
  reset(): void {
    this.shifting = EMPTY;
    this.setFifo(false);
    this.interrupt = false;
  }

  close(): void {
    this.clock.remove(this.shift);
    this.clock.remove(this.indication);
  }

  /** The start bit is due, or the last stop bit has passed. */
  private tick(): void {
    if (this.baud.divisor === 0) return;
    const sent = this.shifting;
    const more = this.fifo.count > 0;
    this.shifting = more ? this.fifo.pop() : EMPTY;
    this.run();
    if (more && this.fifo.count === 0) this.emptied();
    if (sent !== EMPTY) this.owner.sent(sent & this.baud.word);
  }

  /** Sending one byte at a time through the FIFO delays the interrupt until the byte can have been sent (PC16550D, 8.11). */
  private emptied(): void {
    const alone = this.fifoOn && this.most < 2;
    this.most = 0;
    if (!alone) this.interrupt = true;
    // While it is not wanted it is not seen to come, and enabling it reports an empty FIFO anew.
    else if (this.wanted) this.indication.arm(this.baud.untilLastStop);
    this.owner.empty();
  }

  private indicate(): void {
    this.indication.disarm();
    this.interrupt = true;
  }
}
