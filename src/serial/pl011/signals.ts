import { LSR, MSR } from '../registers.ts';
import { UARTFR, UARTRIS, UARTRSR } from './registers.ts';

/** The modem's pins and a character's errors have names on both UARTs, and other bits. */

const PIN = MSR.mask;
const FLAG = UARTFR.mask;
const RAISED = UARTRIS.mask;
const CAME = LSR.mask;
const ERROR = UARTRSR.mask;

/** @param pins CTS, DSR, RI and DCD of MSR. */
export function modemFlags(pins: number): number {
  return (
    ((pins & PIN.CTS) === 0 ? 0 : FLAG.CTS) |
    ((pins & PIN.DSR) === 0 ? 0 : FLAG.DSR) |
    ((pins & PIN.DCD) === 0 ? 0 : FLAG.DCD) |
    ((pins & PIN.RI) === 0 ? 0 : FLAG.RI)
  );
}

/** @param changed pins of MSR. */
export function modemInterrupts(changed: number): number {
  return (
    ((changed & PIN.CTS) === 0 ? 0 : RAISED.CTS) |
    ((changed & PIN.DSR) === 0 ? 0 : RAISED.DSR) |
    ((changed & PIN.DCD) === 0 ? 0 : RAISED.DCD) |
    ((changed & PIN.RI) === 0 ? 0 : RAISED.RI)
  );
}

/** Errors as UARTRSR has them. @param lsr OE, PE, FE and BI of LSR. */
export function errorsOf(lsr: number): number {
  return (
    ((lsr & CAME.FE) === 0 ? 0 : ERROR.FE) |
    ((lsr & CAME.PE) === 0 ? 0 : ERROR.PE) |
    ((lsr & CAME.BI) === 0 ? 0 : ERROR.BE) |
    ((lsr & CAME.OE) === 0 ? 0 : ERROR.OE)
  );
}
