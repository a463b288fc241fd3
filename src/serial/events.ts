import type { Nanos } from '../core/bits.ts';
import type { EventTable } from '../core/compose.ts';

/** The current character timing. */
export interface LineRate {
  /** 0 stops the transmitter and the receiver. */
  readonly divisor: number;
  /** Bits of a character that are sent: 1f for five, to ff for eight. */
  readonly word: number;
  /** Duration of a character. */
  readonly character: Nanos;
}

/** What a UART reports to its watcher; a lost byte of -1 means none. In loopback bytes are reported by `looped` alone. */
export interface UartEvents {
  /** Master reset, or power. */
  reset(): void;
  /** DLAB was set and is cleared again. */
  latchClosed(): void;
  /** The driver wrote `byte` to THR; without room for it, `lost` never reaches the other end. */
  transmitted(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void;
  /** A byte came; without room for it, `lost` never reaches the driver. */
  received(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void;
  /** The driver read a byte from RBR; `wrong` are its errors in LSR (PE, FE, BI) that were not read. */
  taken(wrong: number): void;
  /** The driver read RBR while it was empty. */
  takenNothing(): void;
  /** The driver read IIR, which had `iir`, or LSR; that is -1. */
  looked(iir: number): void;
  /** LSR was written, which changes nothing. */
  statusWritten(value: number): void;
  /** DLL or DLM was written, with DLAB set; `busy`: it changed while the transmitter was not empty. `value`: that byte. */
  divisorWritten(high: boolean, busy: boolean, value: number): void;
  /** DLL was read, with DLAB set. */
  latchRead(): void;
  /** LCR was written; `busy`: while the transmitter was not empty. */
  formatWritten(lcr: number, busy: boolean): void;
  /** A byte came while ERBFI is set; without `out` the interrupt does not reach the bus, because OUT2 is off. */
  wantedInterrupt(out: boolean): void;
  interruptsEnabled(ier: number): void;
  /** The driver cleared the receiver by FCR, or dropped DTR. */
  released(ier: number): void;
  /** FCR was written; `unsent` characters that waited to be sent are gone. */
  fifoWritten(unsent: number, fcr: number): void;
  /** SOUT is held at space, or no longer; `busy`: while the transmitter is not empty. */
  breakSent(on: boolean, busy: boolean): void;
  /** MCR was written; `on`: its loopback is on; `busy` as of break. */
  loopTurned(on: boolean, busy: boolean): void;
  /** In loopback `byte` was written to THR, or RBR was read; that is -1. */
  looped(byte: number): void;
}

export const UART_EVENTS = {
  reset: 0,
  latchClosed: 0,
  transmitted: 4,
  received: 4,
  taken: 1,
  takenNothing: 0,
  looked: 1,
  statusWritten: 1,
  divisorWritten: 3,
  latchRead: 0,
  formatWritten: 2,
  wantedInterrupt: 1,
  interruptsEnabled: 1,
  released: 1,
  fifoWritten: 2,
  breakSent: 2,
  loopTurned: 2,
  looped: 1,
} as const satisfies EventTable<UartEvents>;
