import type { Journal } from '../../core/journal.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import { type UART, UartWatch } from './uart.ts';

/** 115200 baud, and a divisor of 0. */
const FAST = { divisor: 1, word: 0xff, character: 86_806 };
const STOPPED = { divisor: 0, word: 0xff, character: 0 };
const ERBFI = 0x01;
const OF_LSR = -1;
const FRAMING_ERROR = 0x08;
const [LOW, HIGH] = [false, true];

/** A port, and time. */
class TimedUart extends UartWatch {
  private readonly clock: ScriptClock;

  constructor(journal: Journal, clock: ScriptClock) {
    super('ttyS0', journal);
    this.clock = clock;
  }

  /** A second passes, and another byte comes, whose interrupt gets through. */
  pass(): void {
    this.clock.now += 1_000_000_000;
    this.wantedInterrupt(true);
  }
}

export const UART_PROOFS = scripts<TimedUart, keyof typeof UART>(
  (journal, clock) => new TimedUart(journal, clock),
  {
    'uart/DLAB': {
      breaks: (uart) => {
        uart.divisorWritten(LOW, false, 1);
        uart.looked(OF_LSR);
        uart.divisorWritten(LOW, false, 1);
      },
      keeps: (uart) => {
        uart.divisorWritten(LOW, false, 1);
        uart.divisorWritten(HIGH, false, 1);
      },
    },
    'uart/OUT2': {
      breaks: (uart) => {
        uart.wantedInterrupt(false);
        uart.pass();
      },
      keeps: (uart) => {
        uart.wantedInterrupt(false);
        uart.looked(OF_LSR);
        uart.pass();
      },
    },
    'uart/LINE-STATUS': {
      breaks: (uart) => uart.taken(FRAMING_ERROR),
      keeps: (uart) => uart.taken(0),
    },
    'uart/RBR-EMPTY': {
      breaks: (uart) => {
        for (let i = 0; i < 17; i++) uart.takenNothing();
      },
      keeps: (uart) => {
        for (let i = 0; i < 16; i++) uart.takenNothing();
      },
    },
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
