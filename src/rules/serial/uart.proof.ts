import { scripts } from '../script.proof.ts';
import type { UART } from './uart.ts';
import { UartWatch } from './uart-watch.ts';

/** 115200 baud, and none. */
const FAST = { divisor: 1, character: 86_806 };
const STOPPED = { divisor: 0, character: 0 };
const ERBFI = 0x01;

export const UART_PROOFS = scripts<UartWatch, keyof typeof UART>(
  (journal) => new UartWatch('ttyS0', journal),
  {
    'uart/DIVISOR': {
      breaks: (uart) => {
        uart.latchClosed();
        uart.transmitted(0x41, -1, false, STOPPED);
      },
      keeps: (uart) => {
        uart.latchClosed();
        uart.transmitted(0x41, -1, false, FAST);
      },
    },
    'uart/THR-FULL': {
      breaks: (uart) => uart.transmitted(0x42, 0x41, false, FAST),
      keeps: (uart) => uart.transmitted(0x42, -1, false, FAST),
    },
    'uart/OVERRUN': {
      breaks: (uart) => {
        uart.interruptsEnabled(ERBFI);
        uart.received(0x42, 0x41, false, FAST);
      },
      keeps: (uart) => {
        uart.interruptsEnabled(ERBFI);
        uart.received(0x42, -1, false, FAST);
      },
    },
  },
);
