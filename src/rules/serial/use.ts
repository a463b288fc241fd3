import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { LineRate, UartEvents } from '../../serial/events.ts';
import { FCR, LCR } from '../../serial/registers.ts';
import { byteText, charactersText } from './bytes.ts';
import { UART_FORMAT } from './format.ts';

const { WLS, STB, PEN, EPS, SPAR, DLAB } = LCR.mask;
const FORMAT = WLS | STB | PEN | EPS | SPAR;
/** In LCR it opens other registers of later UARTs, and FCR is one of theirs. */
const ENHANCED = 0xbf;
const NONE = -1;
const SIX_BITS = 0x3f;
/** Interrupts in a row in which a driver reads RBR too often. */
const MANY = 3;
/** Rules of what a driver does with a port while it sends and receives, by the PC16550D's data sheet. */
export const UART_USE = {
  'uart/WIDTH': {
    where: 'PC16550D, 8.0',
    text: 'A driver MUST NOT write a register with an access of two or more bytes, but DLL with DLM: the others go to the registers after it.',
    advice: 'Write each register, and each character, with a one-byte OUT.',
    on: ['sent', 'fifo', 'enabled', 'format'],
    kept: (k) => k.width === 1,
    said: (k) => `a register was written by an access of ${k.width} bytes`,
  },
  'uart/BREAK': {
    where: 'PC16550D, 8.1',
    text: 'A driver SHOULD NOT have break on while a character other than 00 is sent: the line stays at space.',
    advice: 'Wait for TEMT before setting bit 6 of LCR, and clear it before writing THR again.',
    on: ['sent', 'broken'],
    kept: (k) => !k.isSpaced,
    said: (k) =>
      k.isCut
        ? `break was turned on before ${byteText(k.byte)} was sent: it is lost`
        : `wrote ${byteText(k.byte)} to THR while LCR held the line at space: it is lost`,
  },
  'uart/LOOPBACK': {
    where: 'PC16550D, 8.8',
    text: 'A driver MUST NOT leave loopback on when it sends characters to the other end.',
    advice: 'Clear bit 4 of MCR after a self-test, before writing THR.',
    on: 'looped',
    kept: (k) => k.swallowed === 0,
    said: (k) =>
      `wrote ${charactersText(k.swallowed)} to THR while loopback was on: the other end received none`,
  },
  'uart/LOOPBACK-BUSY': {
    // Linux looks for its ports behind what it printed early.
    where: 'PC16550D, 8.8',
    text: 'Do not turn loopback on while a character is being sent.',
    advice: 'Wait for TEMT in LSR before setting bit 4 of MCR.',
    on: 'looping',
    kept: (k) => !k.isCut,
    said: (k) =>
      `loopback was turned on before ${byteText(k.byte)} was sent: the other end receives none of it`,
  },
  'uart/FIFO-RESET': {
    where: 'PC16550D, 8.5',
    text: 'Do not clear the transmitter FIFO while characters wait in it.',
    advice: 'Wait for THRE before writing FCR with bit 2, or with a changed bit 0.',
    on: 'fifo',
    kept: (k) => k.unsent === 0,
    said: (k) =>
      `FCR was written while ${charactersText(k.unsent)} waited to be sent: the other end receives none`,
  },
  'uart/DIVISOR-BUSY': {
    where: 'PC16550D, 8.3',
    text: 'Do not change the divisor while a character is being sent.',
    advice: 'Wait for TEMT in LSR before writing DLL and DLM.',
    on: 'divisor',
    kept: (k) => !k.busy,
    said: () => 'the divisor changed while TEMT was clear: one character was sent at two speeds',
  },
  'uart/FORMAT-BUSY': {
    where: 'PC16550D, 8.1',
    text: 'Do not change the format while a character is being sent.',
    advice: 'Wait for TEMT in LSR before writing LCR with other bits, stop bits or parity.',
    on: 'format',
    kept: (k) => !k.reformed,
    said: (k) =>
      `the format changed from ${hex(k.sentBy, 2)} to ${hex(k.lcr & FORMAT, 2)} in LCR while TEMT was clear: one character was sent in two formats`,
  },
  'uart/FCR-ENABLE': {
    where: 'PC16550D, 8.5',
    text: 'Set bit 0 of FCR when you write its other bits.',
    advice:
      'Write FCR = 81, not 80: without bit 0 the FIFOs are off, and the trigger level is not programmed.',
    on: 'fifo',
    when: (k) => k.fcr !== 0 && k.lcr !== ENHANCED,
    kept: (k) => (k.fcr & FCR.mask.ENABLE) !== 0,
    said: (k) => `FCR was written with ${hex(k.fcr, 2)}: the FIFOs are off`,
  },
  'uart/LSR-WRITE': {
    where: 'PC16550D, 8.4',
    text: 'A driver SHOULD NOT write LSR: only a test at the factory does.',
    advice: 'MCR is the register before LSR, at offset 4.',
    on: 'modem',
    when: (k) => k.width === 1,
    kept: (k) => k.status === NONE,
    said: (k) => `LSR was written with ${hex(k.status, 2)}, which changed nothing`,
  },
  'uart/RBR-TWICE': {
    where: 'PC16550D, 8.4',
    text: 'A driver SHOULD NOT read RBR more than once for each character.',
    advice: 'Keep what RBR returned: reading it removes the character, and a second read needs DR again.',
    on: 'looked',
    // A driver that opens a port throws away what is there.
    when: (k) => k.read > 0 && k.isOpened,
    kept: (k) => !isTwice(k) && k.excesses < MANY,
    said: (k) =>
      isTwice(k)
        ? 'RBR was read twice for one character, without reading LSR between'
        : `RBR was read ${MANY} times in a row beyond the characters that were there`,
  },
} as const satisfies Rules<UartUseWatch>;

const isTwice = ({ read, blind }: UartUseWatch) => read === 1 && blind === 1;

/** Watches how a driver uses one serial port that it has set up. */
export class UartUseWatch implements Partial<UartEvents> {
  readonly subject: string;
  byte = 0;
  /** Bits of a character that are sent. */
  word = 0;
  /** It is the first since DLAB was cleared, at the rate of that divisor. */
  isFirst = false;
  divisor = 0;
  /** Bytes of the access that wrote THR. */
  width = 1;
  /** The character does not reach the other end, since LCR holds the line at space. */
  isSpaced = false;
  /** Break or loopback is turned on while a character is sent that is no pad. */
  isCut = false;
  /** The driver has LCR send five or six bits. */
  isShort = false;
  private isSet = false;
  /** LSR or IIR was read since the last reset. */
  isOpened = false;
  /** Characters that went into the loop, and were for the other end. */
  swallowed = 0;
  /** Characters that FCR threw away. */
  unsent = 0;
  /** The divisor changed while the transmitter was busy. */
  busy = false;
  /** LCR, the format of the last character that was sent, and that it changes while that is sent. */
  lcr: number = LCR.reset;
  sentBy = NONE;
  reformed = false;
  fcr = 0;
  /** Characters taken from RBR since LSR or IIR was read, and then reads of an empty one. */
  read = 0;
  blind = 0;
  /** How often in a row both came together. */
  excesses = 0;
  /** What was written to LSR. */
  status = NONE;
  private readonly journal: Journal;
  private breaking = false;
  private loopOn = false;
  /** What was written to THR last went into the loop: it is no loss. */
  private forItself = false;
  /** Characters sent since loopback is on, and those since RBR was read. */
  private sent = 0;
  private unread = 0;
  /**
   * `sent`: THR is written. `fifo`: FCR is. `divisor`: DLL or DLM is. `format`: LCR is, without DLAB. `enabled`: IER is. `modem`: MCR or
   * LSR is. `looked`: LSR or IIR is read. `broken`, `looping`: break or loopback begins. `looped`: loopback ends, or the run does.
   */
  private readonly on;
  private readonly onFormat;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    this.on = new Watch(journal, UART_USE).on;
    this.onFormat = new Watch(journal, UART_FORMAT).on;
    journal.atEnd(() => {
      if (this.loopOn) this.tellLoop(this.sent);
    });
  }

  reset(): void {
    this.loopOn = this.forItself = this.isOpened = this.isSet = false;
    this.lcr = LCR.reset;
    this.sentBy = NONE;
    this.sent = this.unread = this.read = this.blind = this.excesses = 0;
  }

  latchClosed(): void {
    this.isFirst = true;
  }

  transmitted(byte: number, _lost: number, _fifoOn: boolean, { word, divisor }: LineRate): void {
    this.byte = byte;
    this.forItself = false;
    this.sentBy = this.lcr & FORMAT;
    this.isShort = this.isSet && word <= SIX_BITS;
    this.word = word;
    this.divisor = divisor;
    this.isCut = false;
    this.isSpaced = this.breaking && byte !== 0;
    this.measure();
    this.onFormat.sent.tell(this);
    this.on.sent.tell(this);
    this.isFirst = false;
  }

  taken(): void {
    this.read++;
  }

  takenNothing(): void {
    this.blind++;
  }

  breakSent(on: boolean, busy: boolean): void {
    this.breaking = on;
    if (!on) return;
    this.isCut = this.isSpaced = this.cuts(busy);
    this.on.broken.tell(this);
  }

  interruptsEnabled(): void {
    this.measure();
    this.on.enabled.tell(this);
  }

  looked(): void {
    if (this.read > 0) this.excesses = this.blind > 0 && this.isOpened ? this.excesses + 1 : 0;
    this.on.looked.tell(this);
    this.read = this.blind = 0;
    this.isOpened = true;
  }

  statusWritten(value: number): void {
    this.tellModem(value);
  }

  divisorWritten(_high: boolean, busy: boolean): void {
    this.busy = busy && !this.forItself;
    this.on.divisor.tell(this);
  }

  formatWritten(lcr: number, busy: boolean): void {
    this.lcr = lcr;
    this.isSet = !this.journal.quiet;
    this.measure();
    // While the latch is open LCR may have any format for a moment.
    if ((lcr & DLAB) !== 0) return;
    this.reformed = busy && !this.forItself && this.sentBy !== NONE && (lcr & FORMAT) !== this.sentBy;
    this.on.format.tell(this);
  }

  fifoWritten(unsent: number, fcr: number): void {
    this.fcr = fcr;
    this.measure();
    this.unsent = this.forItself ? 0 : unsent;
    this.on.fifo.tell(this);
  }

  /** A self-test reads back what it sent, or sends 00 to see how many there is room for. */
  loopTurned(on: boolean, busy: boolean): void {
    this.tellModem(NONE);
    if (on === this.loopOn) return;
    this.isCut = this.cuts(busy);
    if (on) this.on.looping.tell(this);
    else this.tellLoop(this.unread);
    this.sent = this.unread = 0;
    this.loopOn = on;
  }

  looped(byte: number): void {
    if (byte < 0) this.unread = 0;
    else this.forItself = true;
    if (byte <= 0) return;
    this.sent++;
    this.unread++;
  }

  /** A character that is no pad is on its way to the other end. */
  private cuts(busy: boolean): boolean {
    return busy && !this.forItself && this.sentBy !== NONE && this.byte !== 0;
  }

  private measure(): void {
    this.width = this.journal.trail.widthOf(1);
  }

  private tellModem(status: number): void {
    this.measure();
    this.status = status;
    this.on.modem.tell(this);
  }

  private tellLoop(count: number): void {
    this.swallowed = count;
    this.on.looped.tell(this);
  }
}
