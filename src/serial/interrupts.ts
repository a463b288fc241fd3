import type { Modem } from './modem.ts';
import type { Receiver } from './receiver.ts';
import { IER, IIR } from './registers.ts';
import type { Transmitter } from './transmitter.ts';

const { ERBFI, ETBEI, ELSI, EDSSI } = IER.mask;

/** IIR bits 3 to 0 (PC16550D, 8.6, table IV). */
export const NO_INTERRUPT = IIR.encode({ NONE: 1 });
export const THR_EMPTY = IIR.encode({ ID: 1 });
const LINE_STATUS = IIR.encode({ ID: 3 });
const DATA_AVAILABLE = IIR.encode({ ID: 2 });
const CHARACTER_TIMEOUT = IIR.encode({ ID: 6 });
const MODEM_STATUS = IIR.encode({ ID: 0 });

/** The strongest interrupt that is pending and enabled. A timeout shows as such at the trigger level, too (8.6). */
export function identify(ier: number, receiver: Receiver, transmitter: Transmitter, modem: Modem): number {
  if ((ier & ELSI) !== 0 && receiver.errors !== 0) return LINE_STATUS;
  if ((ier & ERBFI) !== 0) {
    if (receiver.timedOut) return CHARACTER_TIMEOUT;
    if (receiver.ready) return DATA_AVAILABLE;
  }
  if ((ier & ETBEI) !== 0 && transmitter.interrupt) return THR_EMPTY;
  if ((ier & EDSSI) !== 0 && modem.deltas !== 0) return MODEM_STATUS;
  return NO_INTERRUPT;
}
