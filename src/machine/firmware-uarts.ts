import type { GuestPort } from '../core/guest-port.ts';
import { PL011_PLACES } from '../core/places.ts';
import { UARTCR, UARTFBRD, UARTIBRD, UARTLCR_H } from '../serial/pl011/registers.ts';

/** 115200 baud by 24 MHz, eight bits, FIFOs on: what SBSA wants of a generic UART, on which these writes do nothing. */
const SET_UP = [
  [UARTIBRD, 13],
  [UARTFBRD, 1],
  [UARTLCR_H, UARTLCR_H.encode({ FEN: 1, WLEN: 3 })],
  [UARTCR, UARTCR.encode({ UARTEN: 1, TXE: 1, RXE: 1 })],
] as const;

/** Leaves the UARTs of an Arm as a guest may use them. */
export function setUpUarts(port: GuestPort): void {
  for (const at of PL011_PLACES) for (const [{ offset }, value] of SET_UP) port.write(at + offset, value, 4);
}
