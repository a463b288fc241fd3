import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import type { LineRate, UartEvents } from '../../serial/events.ts';
import { IER } from '../../serial/registers.ts';
import { UART, type UartKnows, type UartMoment } from './uart.ts';

const { ERBFI } = IER.mask;

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
  private readonly onTransmitted;
  private readonly onReceived;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    const watch = new Watch<UartKnows, UartMoment>(journal, UART);
    this.onTransmitted = watch.at('transmitted');
    this.onReceived = watch.at('received');
  }

  reset(): void {
    this.receiving = false;
  }

  latchClosed(): void {
    this.first = true;
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

  taken(): void {
    this.receiving = true;
  }

  interruptsEnabled(ier: number): void {
    if ((ier & ERBFI) !== 0) this.receiving = true;
  }

  /** Who wants no interrupt lets go of the port. */
  released(ier: number): void {
    if ((ier & ERBFI) === 0) this.receiving = false;
  }

  private seen(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void {
    this.byte = byte;
    this.lost = lost;
    this.fifoOn = fifoOn;
    this.rate = rate;
  }
}
