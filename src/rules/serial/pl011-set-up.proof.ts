import { UARTCR, UARTFBRD, UARTIBRD, UARTIMSC, UARTLCR_H, UARTMIS } from '../../serial/pl011/registers.ts';
import { scripts } from '../script.proof.ts';
import { type ARM_UART_SET_UP, Pl011SetUpWatch } from './pl011-set-up.ts';

const { UARTEN, TXE } = UARTCR.mask;
const [FAST, STOPPED] = [13, 0].map((divisor) => ({ divisor, word: 0xff, character: 86_770 })) as [
  { divisor: number; word: number; character: number },
  { divisor: number; word: number; character: number },
];
const NO_REGISTER = 0x14;
const [ON, IDLE] = [true, false];

const enables = (uart: Pl011SetUpWatch, waiting = 0) => uart.controlWritten(0, UARTEN, waiting);

export const PL011_SET_UP_PROOFS = scripts<Pl011SetUpWatch, keyof typeof ARM_UART_SET_UP>(
  (journal) => new Pl011SetUpWatch('ttyAMA0', false, journal),
  {
    'pl011/WIDTH': {
      breaks: (uart) => uart.widthAt(UARTMIS.offset, 1),
      keeps: (uart) => uart.interruptsEnabled(),
    },
    'pl011/RESERVED': {
      breaks: (uart) => uart.nothingAt(NO_REGISTER),
      keeps: (uart) => uart.interruptsEnabled(),
    },
    'pl011/RESERVED-BITS': {
      breaks: (uart) => uart.bitsWritten(UARTIMSC.offset, 0xf800),
      keeps: (uart) => uart.interruptsEnabled(),
    },
    'pl011/GENERIC': {
      breaks: (uart) => uart.ownAt(UARTCR.offset),
      keeps: (uart) => uart.interruptsEnabled(),
    },
    'pl011/ENABLED': {
      breaks: (uart) => uart.formatWritten(UARTLCR_H.offset, ON, IDLE),
      keeps: (uart) => uart.formatWritten(UARTLCR_H.offset, !ON, IDLE),
    },
    'pl011/LATCH': {
      breaks: (uart) => {
        uart.formatWritten(UARTLCR_H.offset, !ON, IDLE);
        uart.formatWritten(UARTFBRD.offset, !ON, IDLE);
        enables(uart);
      },
      keeps: (uart) => {
        uart.formatWritten(UARTIBRD.offset, !ON, IDLE);
        uart.formatWritten(UARTLCR_H.offset, !ON, IDLE);
        enables(uart);
      },
    },
    'pl011/DIVISOR': {
      breaks: (uart) => uart.transmitted(0x41, false, true, STOPPED),
      keeps: (uart) => uart.transmitted(0x41, false, true, FAST),
    },
    'pl011/SENDS': {
      breaks: (uart) => {
        uart.transmitted(0x41, false, false, FAST);
        uart.ended();
      },
      keeps: (uart) => {
        uart.transmitted(0x41, false, false, FAST);
        uart.controlWritten(UARTEN, UARTEN | TXE, 0);
        uart.ended();
      },
    },
    'pl011/FLUSH': {
      breaks: (uart) => {
        uart.controlWritten(UARTEN, 0, 2);
        uart.transmitted(0x41, false, false, FAST);
        enables(uart, 3);
      },
      keeps: (uart) => {
        uart.controlWritten(UARTEN, 0, 0);
        uart.transmitted(0x41, false, false, FAST);
        enables(uart, 1);
      },
    },
  },
);
