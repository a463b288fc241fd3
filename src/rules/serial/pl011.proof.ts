import type { Journal } from '../../core/journal.ts';
import { UARTIMSC, UARTRSR } from '../../serial/pl011/registers.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import { type ARM_UART, Pl011Watch } from './pl011.ts';

const { RX, FE } = UARTIMSC.mask;
const FRAMING = UARTRSR.mask.FE;
/** 115200 baud. */
const RATE = { divisor: 13.015625, word: 0xff, character: 86_770 };
const FIVE_BITS = { ...RATE, word: 0x1f };
const [BYTE, WORD] = [1, 4] as const;

/** A UART, and time. */
class TimedPl011 extends Pl011Watch {
  private readonly clock: ScriptClock;

  constructor(journal: Journal, clock: ScriptClock) {
    super('ttyAMA0', journal);
    this.clock = clock;
  }

  /** A second passes, and UARTFR is read. */
  pass(): void {
    this.clock.now += 1_000_000_000;
    this.looked(0);
  }
}

export const PL011_PROOFS = scripts<TimedPl011, keyof typeof ARM_UART>(
  (journal, clock) => new TimedPl011(journal, clock),
  {
    'pl011/TX-FULL': {
      breaks: (uart) => uart.transmitted(0x41, true, true, RATE),
      keeps: (uart) => uart.transmitted(0x41, false, true, RATE),
    },
    'pl011/WORD': {
      breaks: (uart) => uart.transmitted(0x41, false, true, FIVE_BITS),
      keeps: (uart) => uart.transmitted(0x1f, false, true, FIVE_BITS),
    },
    'pl011/RX-EMPTY': {
      breaks: (uart) => {
        for (let i = 0; i < 33; i++) uart.takenNothing();
      },
      keeps: (uart) => {
        for (let i = 0; i < 32; i++) uart.takenNothing();
      },
    },
    'pl011/OVERRUN': {
      breaks: (uart) => {
        uart.interruptsEnabled(RX);
        uart.received(0x42, true, RATE);
      },
      keeps: (uart) => {
        uart.interruptsEnabled(RX);
        uart.received(0x42, false, RATE);
      },
    },
    'pl011/ERRORS': {
      breaks: (uart) => {
        uart.taken(FRAMING, BYTE);
        uart.taken(0, BYTE);
      },
      keeps: (uart) => {
        uart.taken(FRAMING, WORD);
        uart.taken(FRAMING, BYTE);
        uart.errorsRead();
        uart.taken(0, BYTE);
      },
    },
    'pl011/CLEAR': {
      breaks: (uart) => {
        uart.looked(FE);
        uart.pass();
      },
      keeps: (uart) => {
        uart.looked(FE);
        uart.interruptsEnded(FE);
        uart.pass();
      },
    },
  },
);
