import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import type { LineRate, UartEvents } from '../../serial/events.ts';
import { IER } from '../../serial/registers.ts';
import { UART, type UartKnows, type UartMoment } from './uart.ts';

const { ERBFI } = IER.mask;
const NEVER = Number.POSITIVE_INFINITY;
/** Virtual nanoseconds in which whoever polls has polled: 50 ms. */
const LONG: Nanos = 50_000_000;

/**
 * Watches a driver at one serial port.
 *
 * @example
 * uart.events = new UartWatch('ttyS0', journal);
 */
export class UartWatch implements UartEvents, UartKnows {
  readonly subject: string;
  first = false;
  receiving = false;
  byte = 0;
  lost = -1;
  fifoOn = false;
  rate: LineRate = { divisor: 0, character: 0 };
  wrong = 0;
  blind = 0;
  lowWrites = 0;
  waited = false;
  unheard = false;
  /** An interrupt did not reach the bus at that time, and nobody has looked since; Infinity is none. */
  private heldAt: Nanos = NEVER;
  private looks = false;
  private readonly journal: Journal;
  private readonly onTransmitted;
  private readonly onReceived;
  private readonly onTaken;
  private readonly onDivisor;
  private readonly onWanted;
  private readonly onSilent;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    const watch = new Watch<UartKnows, UartMoment>(journal, UART);
    this.onTransmitted = watch.at('transmitted');
    this.onReceived = watch.at('received');
    this.onTaken = watch.at('taken');
    this.onDivisor = watch.at('divisor');
    this.onWanted = watch.at('wanted');
    this.onSilent = watch.at('silent');
    this.journal = journal;
    journal.beforeReading(() => this.settle());
  }

  reset(): void {
    this.receiving = false;
    this.latchDone();
    this.heldAt = NEVER;
  }

  latchClosed(): void {
    this.first = true;
    this.latchDone();
  }

  divisorWritten(high: boolean): void {
    if (!high) {
      this.lowWrites++;
      this.waited = this.looks;
    }
    this.onDivisor.tell(this);
  }

  looked(): void {
    this.blind = 0;
    this.looks = this.lowWrites > 0;
    this.heldAt = NEVER;
  }

  transmitted(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void {
    this.seen(byte, lost, fifoOn, rate);
    this.onTransmitted.tell(this);
    this.first = false;
  }

  received(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void {
    this.seen(byte, lost, fifoOn, rate);
    this.onReceived.tell(this);
  }

  taken(wrong: number): void {
    this.receiving = true;
    this.wrong = wrong;
    this.blind = 0;
    this.heldAt = NEVER;
    this.onTaken.tell(this);
  }

  takenNothing(): void {
    this.blind++;
    this.heldAt = NEVER;
    this.onTaken.tell(this);
  }

  wantedInterrupt(out: boolean): void {
    this.settle();
    this.unheard = false;
    if (out) this.onWanted.tell(this);
    else if (this.heldAt === NEVER) this.heldAt = this.journal.now;
  }

  interruptsEnabled(ier: number): void {
    if ((ier & ERBFI) !== 0) this.receiving = true;
  }

  /** Who wants no interrupt lets go of the port. */
  released(ier: number): void {
    if ((ier & ERBFI) === 0) this.receiving = false;
  }

  private latchDone(): void {
    this.lowWrites = 0;
    this.looks = this.waited = false;
  }

  /** Who looks from time to time has looked by now. */
  private settle(): void {
    if (!(this.journal.now - this.heldAt >= LONG)) return;
    this.heldAt = NEVER;
    this.unheard = true;
    this.onSilent.tell(this);
  }

  private seen(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void {
    this.byte = byte;
    this.lost = lost;
    this.fifoOn = fifoOn;
    this.rate = rate;
  }
}
