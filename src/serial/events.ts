import type { Nanos } from '../core/bits.ts';

/** How characters go over the line now. */
export interface LineRate {
  /** 0 stops the transmitter and the receiver. */
  readonly divisor: number;
  /** What a character takes. */
  readonly character: Nanos;
}

/** What a UART tells whoever watches it; of bytes lost, -1 is none. In loopback, bytes go nowhere and nothing is told. */
export interface UartEvents {
  /** Master reset, or power. */
  reset(): void;
  /** DLAB was set and is clear again. */
  latchClosed(): void;
  /** The driver wrote `byte` to THR; without room for it, `lost` is what the other end never gets. */
  transmitted(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void;
  /** A byte came; without room for it, `lost` is what the driver never sees. */
  received(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void;
  /** The driver took a byte out of RBR; `wrong` is what LSR says of it (PE, FE, BI) and was not read. */
  taken(wrong: number): void;
  /** The driver read RBR while nothing was in it. */
  takenNothing(): void;
  /** The driver looked at LSR or IIR. */
  looked(): void;
  /** While DLAB is set something was written to DLL, or to DLM. */
  divisorWritten(high: boolean): void;
  /** A byte came while ERBFI is set; without `out` the interrupt does not reach the bus, for OUT2 is off. */
  wantedInterrupt(out: boolean): void;
  interruptsEnabled(ier: number): void;
  /** The driver emptied the receiver by FCR, or dropped DTR. */
  released(ier: number): void;
}
