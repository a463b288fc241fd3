import type { Wire } from '../core/line.ts';
import type { Modem } from './modem.ts';
import type { Receiver } from './receiver.ts';
import { IER, IIR, MCR } from './registers.ts';
import type { Transmitter } from './transmitter.ts';

const { ERBFI, ETBEI, ELSI, EDSSI } = IER.mask;
const IER_BITS = IER.writable;
const { OUT2 } = MCR.mask;

/** IIR bits 3 to 0 (PC16550D, 8.6, table IV). */
const NO_INTERRUPT = IIR.encode({ NONE: 1 });
const THR_EMPTY = IIR.encode({ ID: 1 });
const LINE_STATUS = IIR.encode({ ID: 3 });
const DATA_AVAILABLE = IIR.encode({ ID: 2 });
const CHARACTER_TIMEOUT = IIR.encode({ ID: 6 });
const MODEM_STATUS = IIR.encode({ ID: 0 });

/** IER, IIR and the line to the bus. */
export class UartInterrupts {
  ier = IER.reset;
  private readonly irq: Wire;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  private readonly modem: Modem;

  constructor(irq: Wire, receiver: Receiver, transmitter: Transmitter, modem: Modem) {
    this.irq = irq;
    this.receiver = receiver;
    this.transmitter = transmitter;
    this.modem = modem;
  }

  enable(value: number): void {
    const risen = value & ~this.ier;
    this.ier = value & IER_BITS;
    this.transmitter.wanted = (value & ETBEI) !== 0;
    if ((risen & ETBEI) !== 0) this.transmitter.enabled();
  }

  /** A read of IIR. It ends a THRE interrupt only if that is what it reports. */
  identify(): number {
    const id = this.pending();
    if (id === THR_EMPTY) this.transmitter.interrupt = false;
    return id;
  }

  /** On a PC OUT2 gates the line; IIR is independent of it. */
  update(): void {
    this.irq.set((this.modem.mcr & OUT2) !== 0 && this.pending() !== NO_INTERRUPT);
  }

  close(): void {
    this.irq.set(false);
  }

  /** The highest pending and enabled interrupt. A timeout shows as such at the trigger level, too (8.6). */
  private pending(): number {
    const { ier, receiver, transmitter, modem } = this;
    if ((ier & ELSI) !== 0 && receiver.errors !== 0) return LINE_STATUS;
    if ((ier & ERBFI) !== 0) {
      if (receiver.timedOut) return CHARACTER_TIMEOUT;
      if (receiver.ready) return DATA_AVAILABLE;
    }
    if ((ier & ETBEI) !== 0 && transmitter.interrupt) return THR_EMPTY;
    if ((ier & EDSSI) !== 0 && modem.deltas !== 0) return MODEM_STATUS;
    return NO_INTERRUPT;
  }
}
