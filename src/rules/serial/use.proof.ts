import type { Journal } from '../../core/journal.ts';
import { FCR, IIR, LCR } from '../../serial/registers.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import { type UART_USE, UartUseWatch } from './use.ts';

const EIGHT_BITS = { divisor: 1, word: 0xff, character: 86_806 };
const FIVE_BITS = { divisor: 1, word: 0x1f, character: 60_764 };
const [SEVEN, DLAB] = [LCR.encode({ WLS: 2 }), LCR.mask.DLAB];
const { TRIGGER, ENABLE } = FCR.mask;
const [LETTER, PAD] = [0x41, 0x00];
const [LOW, BUSY, ON] = [false, true, true];
const OF_LSR = -1;
const READ = -1;
const LINE_STATUS = IIR.encode({ ID: 3 });

/** A port, time, and the width of what writes THR. */
class Scene extends UartUseWatch {
  private readonly clock: ScriptClock;
  private readonly kept: Journal;

  constructor(journal: Journal, clock: ScriptClock) {
    super('ttyS0', journal);
    this.kept = journal;
    this.clock = clock;
  }

  /** THR is written by an access of `width` bytes. */
  out(width: number): void {
    this.kept.trail.begin({
      ...{ space: 'port', write: true, address: 0x3f8, width },
      ...{ value: LETTER, region: null, offset: 0, context: 0 },
    });
    this.transmitted(LETTER, -1, false, EIGHT_BITS);
  }

  /** A second passes, and LSR is read. */
  pass(): void {
    this.clock.now += 1_000_000_000;
    this.looked(OF_LSR);
  }
}

export const UART_USE_PROOFS = scripts<Scene, keyof typeof UART_USE>(
  (journal, clock) => new Scene(journal, clock),
  {
    'uart/FORMAT': {
      breaks: (uart) => uart.transmitted(LETTER, -1, false, FIVE_BITS),
      keeps: (uart) => uart.transmitted(LETTER, -1, false, EIGHT_BITS),
    },
    'uart/WIDTH': {
      breaks: (uart) => uart.out(2),
      keeps: (uart) => uart.out(1),
    },
    'uart/RATE': {
      breaks: (uart) => {
        uart.latchClosed();
        uart.transmitted(0x41, -1, true, { ...EIGHT_BITS, divisor: 256 });
      },
      keeps: (uart) => {
        uart.latchClosed();
        uart.transmitted(0x41, -1, true, { ...EIGHT_BITS, divisor: 12 });
      },
    },
    'uart/BREAK': {
      breaks: (uart) => {
        uart.breakSent(ON);
        uart.transmitted(LETTER, -1, false, EIGHT_BITS);
      },
      // The sheet has a transmitter that sends 00 measure the length of a break.
      keeps: (uart) => {
        uart.breakSent(ON);
        uart.transmitted(PAD, -1, false, EIGHT_BITS);
      },
    },
    'uart/LOOPBACK': {
      breaks: (uart) => {
        uart.loopTurned(ON);
        uart.looped(LETTER);
        uart.loopTurned(!ON);
      },
      keeps: (uart) => {
        uart.loopTurned(ON);
        uart.looped(LETTER);
        uart.looped(READ);
        uart.loopTurned(!ON);
      },
    },
    'uart/FIFO-RESET': {
      breaks: (uart) => uart.fifoWritten(3, 0),
      keeps: (uart) => uart.fifoWritten(0, 0),
    },
    'uart/DIVISOR-BUSY': {
      breaks: (uart) => uart.divisorWritten(LOW, BUSY),
      keeps: (uart) => uart.divisorWritten(LOW, !BUSY),
    },
    'uart/FORMAT-BUSY': {
      breaks: (uart) => {
        uart.transmitted(LETTER, -1, false, EIGHT_BITS);
        uart.formatWritten(SEVEN, BUSY);
      },
      keeps: (uart) => {
        uart.transmitted(LETTER, -1, false, EIGHT_BITS);
        uart.formatWritten(SEVEN | DLAB, BUSY);
        uart.formatWritten(SEVEN, !BUSY);
      },
    },
    'uart/FCR-ENABLE': {
      breaks: (uart) => uart.fifoWritten(0, TRIGGER),
      keeps: (uart) => uart.fifoWritten(0, TRIGGER | ENABLE),
    },
    'uart/RBR-TWICE': {
      breaks: (uart) => {
        uart.taken();
        uart.takenNothing();
        uart.looked(OF_LSR);
      },
      keeps: (uart) => {
        uart.taken();
        uart.looked(OF_LSR);
        uart.takenNothing();
        uart.looked(OF_LSR);
      },
    },
    'uart/LINE-INTERRUPT': {
      breaks: (uart) => {
        uart.looked(LINE_STATUS);
        uart.pass();
      },
      keeps: (uart) => {
        uart.looked(LINE_STATUS);
        uart.looked(OF_LSR);
        uart.pass();
      },
    },
  },
);
