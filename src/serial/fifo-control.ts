import type { DmaSignals } from './dma-signals.ts';
import type { Receiver } from './receiver.ts';
import { FCR } from './registers.ts';
import type { Transmitter } from './transmitter.ts';

const { ENABLE, RESET_RCVR, RESET_XMIT, DMA } = FCR.mask;

/** FCR: both halves in FIFO mode or in 16450 mode. A 16450 has no FCR: what is written there is lost. */
export class FifoControl {
  /** FIFO mode. */
  on = false;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  private readonly dma: DmaSignals;
  private readonly there: boolean;

  constructor(receiver: Receiver, transmitter: Transmitter, dma: DmaSignals, there: boolean) {
    this.receiver = receiver;
    this.transmitter = transmitter;
    this.dma = dma;
    this.there = there;
  }

  /**
   * PC16550D, 8.5: without ENABLE no other bit is programmed; a change of ENABLE empties both FIFOs.
   * @returns bytes that waited to be sent, and are gone.
   */
  write(value: number): number {
    if (!this.there) return 0;
    const { waiting } = this.transmitter;
    const on = (value & ENABLE) !== 0;
    if (on !== this.on) this.turn(on);
    else if (on) {
      if ((value & RESET_RCVR) !== 0) this.receiver.clear();
      if ((value & RESET_XMIT) !== 0) this.transmitter.clear();
    }
    if (on) this.receiver.setTrigger(value);
    // With room for one byte, both DMA modes are the same.
    this.dma.multiple = (value & DMA) !== 0;
    return waiting - this.transmitter.waiting;
  }

  reset(): void {
    this.on = false;
    this.receiver.reset();
    this.transmitter.reset();
  }

  private turn(on: boolean): void {
    this.on = on;
    this.receiver.setFifo(on);
    this.transmitter.setFifo(on);
  }
}
