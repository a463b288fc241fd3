import type { Journal } from '../../core/journal.ts';
import { FCR, IIR, LCR } from '../../serial/registers.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import type { UART_FORMAT } from './format.ts';
import { type UART_USE, UartUseWatch } from './use.ts';
import { type UART_WAITING, WaitingWatch } from './waiting.ts';

const EIGHT_BITS = { divisor: 1, word: 0xff, character: 86_806 };
const FIVE_BITS = { divisor: 1, word: 0x1f, character: 60_764 };
const [SEVEN, DLAB] = [LCR.encode({ WLS: 2 }), LCR.mask.DLAB];
const [FIVE, EIGHT] = [LCR.encode({ WLS: 0 }), LCR.encode({ WLS: 3 })];
const { TRIGGER, ENABLE } = FCR.mask;
const [LETTER, PAD] = [0x41, 0x00];
const [LOW, BUSY, ON] = [false, true, true];
const OF_LSR = -1;
const READ = -1;
const LINE_STATUS = IIR.encode({ ID: 3 });

/** A port, and the width of what writes THR. */
class Scene extends UartUseWatch {
  private readonly kept: Journal;

  constructor(journal: Journal) {
    super('ttyS0', journal);
    this.kept = journal;
  }

  /** THR is written by an access of `width` bytes. */
  out(width: number): void {
    this.kept.trail.begin({
      ...{ space: 'port', write: true, address: 0x3f8, width },
      ...{ value: LETTER, region: null, offset: 0, context: 0 },
    });
    this.transmitted(LETTER, -1, false, EIGHT_BITS);
  }
}

export const UART_USE_PROOFS = scripts<Scene, keyof typeof UART_USE | keyof typeof UART_FORMAT>(
  (journal) => new Scene(journal),
  {
    'uart/FORMAT': {
      breaks: (uart) => uart.transmitted(LETTER, -1, false, FIVE_BITS),
      keeps: (uart) => uart.transmitted(LETTER, -1, false, EIGHT_BITS),
    },
    'uart/WORD': {
      breaks: (uart) => {
        uart.formatWritten(FIVE, false);
        uart.transmitted(LETTER, -1, false, FIVE_BITS);
      },
      keeps: (uart) => {
        uart.formatWritten(EIGHT, false);
        uart.transmitted(LETTER, -1, false, EIGHT_BITS);
      },
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
        uart.breakSent(ON, !BUSY);
        uart.transmitted(LETTER, -1, false, EIGHT_BITS);
      },
      // The sheet has a transmitter that sends 00 measure the length of a break.
      keeps: (uart) => {
        uart.breakSent(ON, !BUSY);
        uart.transmitted(PAD, -1, false, EIGHT_BITS);
      },
    },
    'uart/LOOPBACK': {
      breaks: (uart) => {
        uart.loopTurned(ON, !BUSY);
        uart.looped(LETTER);
        uart.loopTurned(!ON, !BUSY);
      },
      keeps: (uart) => {
        uart.loopTurned(ON, !BUSY);
        uart.looped(LETTER);
        uart.looped(READ);
        uart.loopTurned(!ON, !BUSY);
      },
    },
    'uart/LOOPBACK-BUSY': {
      breaks: (uart) => {
        uart.transmitted(LETTER, -1, false, EIGHT_BITS);
        uart.loopTurned(ON, BUSY);
      },
      keeps: (uart) => {
        uart.transmitted(LETTER, -1, false, EIGHT_BITS);
        uart.loopTurned(ON, !BUSY);
      },
    },
    'uart/LSR-WRITE': {
      breaks: (uart) => uart.statusWritten(0x0b),
      keeps: (uart) => uart.loopTurned(!ON, !BUSY),
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
        uart.looked();
        uart.taken();
        uart.takenNothing();
        uart.looked();
      },
      keeps: (uart) => {
        uart.looked();
        uart.taken();
        uart.looked();
        uart.takenNothing();
        uart.looked();
      },
    },
  },
);

/** The same, and time. */
interface Wait {
  readonly uart: WaitingWatch;
  readonly clock: ScriptClock;
}

/** IIR shows a line status interrupt, and a second passes until LSR is read. */
function servedLate({ uart, clock }: Wait): void {
  uart.looked(LINE_STATUS);
  clock.now += 1_000_000_000;
  uart.looked(OF_LSR);
}

export const UART_WAITING_PROOFS = scripts<Wait, keyof typeof UART_WAITING>(
  (journal, clock) => ({ uart: new WaitingWatch('ttyS0', journal), clock }),
  {
    'uart/LINE-INTERRUPT': {
      breaks: servedLate,
      keeps: ({ uart }) => {
        uart.looked(LINE_STATUS);
        uart.looked(OF_LSR);
      },
    },
  },
);
