import type { Clock, Timer } from '../core/clock.ts';
import type { Baud } from './baud.ts';
import { FIFO_SIZE, LSR } from './registers.ts';
import { ShiftRegister } from './shift-register.ts';

const { THRE, TEMT } = LSR.mask;

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
export class Transmitter extends ShiftRegister {
  /** The THRE interrupt is pending; one that is put off, only if it is enabled. */
  interrupt = false;
  /** ETBEI. */
  wanted = false;
  private readonly owner: TransmitterOwner;
  private readonly indication: Timer;
  /** Maximum bytes in the FIFO since it was last empty. */
  private most = 0;
  private fifoOn = false;

  constructor(name: string, clock: Clock, baud: Baud, owner: TransmitterOwner) {
    super(name, clock, baud, FIFO_SIZE);
    this.owner = owner;
    this.indication = clock.timer(`${name} THRE`, () => {
      this.interrupt = true;
      owner.empty();
    });
  }

  /** THRE and TEMT as LSR shows them. */
  get status(): number {
    if (this.fifo.count > 0) return 0;
    return this.idle ? THRE | TEMT : THRE;
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
    this.drop();
    this.most = 0;
    this.indicate();
  }

  /** FIFO mode or 16450 mode; either change empties it. */
  setFifo(on: boolean): void {
    this.fifoOn = on;
    this.fifo.resize(on ? FIFO_SIZE : 1);
    this.clear();
  }

  /** Stops at once, including the shift register. */
  reset(): void {
    this.stop();
    this.setFifo(false);
    this.interrupt = false;
  }

  override close(): void {
    super.close();
    this.clock.remove(this.indication);
  }

  protected moved(): void {
    if (this.fifo.count === 0) this.emptied();
  }

  protected left(byte: number): void {
    this.owner.sent(byte);
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
