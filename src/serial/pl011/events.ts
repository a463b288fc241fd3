import type { Width } from '../../core/bits.ts';
import type { EventTable } from '../../core/compose.ts';
import type { LineRate } from '../events.ts';

/** What a PL011 reports to its watcher. */
export interface Pl011Events {
  /** Reset, or power. */
  reset(): void;
  /** The driver wrote `byte` to UARTDR; `lost`: there was no room. `enabled`: UARTEN and TXE are set. */
  transmitted(byte: number, lost: boolean, enabled: boolean, rate: LineRate): void;
  /** A character came; `lost`: it does not reach the driver. */
  received(byte: number, lost: boolean, rate: LineRate): void;
  /** The driver read a character from UARTDR, whose errors are those of UARTRSR, by an access of so many bytes. */
  taken(errors: number, width: Width): void;
  /** The driver read UARTDR while there was no character. */
  takenNothing(): void;
  /** UARTFR, UARTRIS or UARTMIS was read; `mis`: the interrupts that are let through, of which UARTFR shows none. */
  looked(mis: number): void;
  /** UARTRSR was read, or UARTECR written. */
  errorsRead(): void;
  /** UARTIMSC was written. */
  interruptsEnabled(imsc: number): void;
  /** UARTICR was written: the interrupts that it ended. */
  interruptsEnded(icr: number): void;
  /** UARTIBRD, UARTFBRD or UARTLCR_H was written, the register at `offset`; `enabled`: UARTEN is set. `busy`: a character is being sent. */
  formatWritten(offset: number, enabled: boolean, busy: boolean): void;
  /** UARTCR was written; so many characters wait to be sent since before UARTEN was cleared. */
  controlWritten(before: number, cr: number, waiting: number): void;
  /** A register was accessed by so many bytes, and takes others; `offset`: where. */
  widthAt(offset: number, width: Width): void;
  /** A register, but UARTECR and UARTICR, was written with bits that it does not have. */
  bitsWritten(offset: number, bits: number): void;
  /** An access to a place without a register. */
  nothingAt(offset: number): void;
  /** The generic UART was accessed at a register that only a whole PL011 has. */
  ownAt(offset: number): void;
}

export const PL011_EVENTS = {
  reset: 0,
  transmitted: 4,
  received: 3,
  taken: 2,
  takenNothing: 0,
  looked: 1,
  errorsRead: 0,
  interruptsEnabled: 1,
  interruptsEnded: 1,
  formatWritten: 3,
  controlWritten: 3,
  widthAt: 2,
  bitsWritten: 2,
  nothingAt: 1,
  ownAt: 1,
} as const satisfies EventTable<Pl011Events>;
