import type { Receiver } from './receiver.ts';
import type { Transmitter } from './transmitter.ts';

/**
 * The pins RXRDY and TXRDY (PC16550D, 6.0), true while active. A DMA controller would watch them; a PC connects
 * neither. Mode 0 asks for single transfers. Mode 1, FCR.DMA, asks for many at a time: until the receiver FIFO is
 * empty, until the transmitter FIFO is full.
 */
export class DmaSignals {
  /** Mode 1. */
  multiple = false;
  rxrdy = false;
  txrdy = true;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;

  constructor(receiver: Receiver, transmitter: Transmitter) {
    this.receiver = receiver;
    this.transmitter = transmitter;
  }

  /** After any change of the receiver, the transmitter or the mode. */
  update(): void {
    const { multiple, receiver, transmitter } = this;
    const due = multiple ? receiver.ready || receiver.timedOut : true;
    this.rxrdy = !receiver.empty && (due || (multiple && this.rxrdy));
    this.txrdy = transmitter.empty || (multiple && this.txrdy && !transmitter.full);
  }
}
