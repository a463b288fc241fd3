import type { Nanos } from '../core/bits.ts';

/** The current character timing. */
export interface LineRate {
  /** 0 stops the transmitter and the receiver. */
  readonly divisor: number;
  /** Duration of a character. */
  readonly character: Nanos;
}

/** What a UART reports to its watcher; a lost byte of -1 means none. In loopback nothing is reported of bytes. */
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
  /** The driver read LSR or IIR. */
  looked(): void;
  /** DLL or DLM was written, with DLAB set. */
  divisorWritten(high: boolean): void;
  /** A byte came while ERBFI is set; without `out` the interrupt does not reach the bus, because OUT2 is off. */
  wantedInterrupt(out: boolean): void;
  interruptsEnabled(ier: number): void;
  /** The driver cleared the receiver by FCR, or dropped DTR. */
  released(ier: number): void;
}
