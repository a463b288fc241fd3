import type { Mark } from '../../core/access.ts';
import { hex, type Nanos, type Width } from '../../core/bits.ts';
import { compose } from '../../core/compose.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { LineRate } from '../../serial/events.ts';
import { PL011_EVENTS, type Pl011Events } from '../../serial/pl011/events.ts';
import { PL011_FIFO, UARTIMSC, UARTRSR } from '../../serial/pl011/registers.ts';
import { byteText, rateText } from './bytes.ts';
import { Pl011SetUpWatch } from './pl011-set-up.ts';

const { RX, RT, FE, PE, BE, OE } = UARTIMSC.mask;
const [RECEIVES, ERRORS] = [RX | RT, FE | PE | BE | OE];
const NEVER = Number.POSITIVE_INFINITY;
/** Virtual nanoseconds within which a driver has served an interrupt: 50 ms. */
const LONG: Nanos = 50_000_000;

/** Rules of what a driver sends and takes, by the PL011's manual. */
export const ARM_UART = {
  'pl011/TX-FULL': {
    where: 'DDI 0183, 3.3.1 and 3.3.3',
    text: 'A driver MUST NOT write UARTDR while the transmit FIFO is full.',
    advice: 'Read UARTFR before each character, and wait while bit 5, TXFF, is set.',
    on: 'transmitted',
    kept: (k) => !k.lost,
    said: (k) => `wrote ${byteText(k.byte)} to UARTDR while TXFF was set: it is lost`,
    alike: true,
    facts: (k) => [rateText(k)],
  },
  'pl011/WORD': {
    where: 'DDI 0183, 3.3.1 and 3.3.7',
    text: 'A driver MUST NOT write a character to UARTDR that has more bits than WLEN of UARTLCR_H says.',
    advice: 'Write 3 to WLEN, bits 6:5 of UARTLCR_H, for eight bits: 0 there is five bits.',
    on: 'transmitted',
    kept: (k) => (k.byte & ~k.rate.word) === 0,
    said: (k) => `wrote ${byteText(k.byte)} to UARTDR, of which ${hex(k.byte & k.rate.word, 2)} is sent`,
    alike: true,
    facts: (k) => [rateText(k)],
  },
  'pl011/RX-EMPTY': {
    where: 'DDI 0183, 3.3.1 and 3.3.3',
    text: 'A driver SHOULD NOT read UARTDR repeatedly while the receive FIFO is empty.',
    advice: 'Read UARTFR first: while bit 4, RXFE, is set, UARTDR has no character.',
    on: 'taken',
    kept: (k) => k.blind <= PL011_FIFO,
    said: (k) => `UARTDR was read ${k.blind} times in a row while it was empty`,
  },
  'pl011/OVERRUN': {
    where: 'DDI 0183, 3.3.1',
    text: 'A driver SHOULD NOT let the receive FIFO overrun while it receives.',
    advice: 'Let RX and RT through in UARTIMSC, or look at UARTFR often enough: 32 characters find room.',
    on: 'received',
    when: (k) => k.receiving,
    kept: (k) => !k.lost,
    said: (k) => `received ${byteText(k.byte)} while the receive FIFO was full: it is lost`,
    alike: true,
    facts: (k) => [rateText(k), `the guest last looked at the UART ${k.sinceLook} ns before`],
    since: (k) => k.lookedMark,
  },
  'pl011/ERRORS': {
    where: 'DDI 0183, 3.3.1 and 3.3.2',
    text: 'A driver SHOULD look at the errors of each character that it takes: they are in UARTDR, bits 11:8, and in UARTRSR.',
    advice: 'Read UARTDR with 16 or 32 bits; or, after a single byte of it, read UARTRSR.',
    on: 'taken',
    kept: (k) => k.unread === 0,
    said: (k) => `a character was taken with ${UARTRSR.format(k.unread)} by an access of one byte`,
  },
  'pl011/CLEAR': {
    where: 'DDI 0183, 2.8 and 3.3.13',
    text: 'A driver MUST end an error interrupt that it let through by a write of UARTICR: nothing else ends it.',
    advice: 'Write what UARTMIS shows to UARTICR.',
    on: ['ended', 'late'],
    kept: (k) => !k.late,
    said: (k) =>
      `${UARTIMSC.format(k.shown)} was there and let through, and UARTICR was not written with it for 50 ms`,
  },
} as const satisfies Rules<Pl011Watch>;

/** Watches how a driver of one PL011 sends, takes what comes, and ends interrupts. */
export class Pl011Watch implements Partial<Pl011Events> {
  readonly subject: string;
  byte = 0;
  lost = false;
  rate: LineRate = { divisor: 0, word: 0, character: 0 };
  /** Reads of an empty UARTDR in a row, without a look at UARTFR, UARTRIS or UARTMIS. */
  blind = 0;
  /** The driver takes what comes. */
  receiving = false;
  /** Errors of a character that was taken, of which the driver saw nothing. */
  unread = 0;
  /** Error interrupts that UARTRIS or UARTMIS showed, and that were not ended in time. */
  shown = 0;
  late = false;
  lookedMark: Mark = 0;
  private lookedAt: Nanos = 0;
  private shownAt: Nanos = NEVER;
  /** Errors of the last character, as long as they may still be read. */
  private unseen = 0;
  private readonly journal: Journal;
  /** `ended`: error interrupts that were shown; `late`: they were not. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    this.on = new Watch(journal, ARM_UART).on;
    journal.beforeReading(() => this.settle());
  }

  get sinceLook(): Nanos {
    return this.journal.now - this.lookedAt;
  }

  reset(): void {
    this.receiving = false;
    this.blind = this.unseen = this.shown = 0;
    this.shownAt = NEVER;
  }

  transmitted(byte: number, lost: boolean, _enabled: boolean, rate: LineRate): void {
    this.seen(byte, lost, rate);
    this.on.transmitted.tell(this);
  }

  received(byte: number, lost: boolean, rate: LineRate): void {
    this.seen(byte, lost, rate);
    this.on.received.tell(this);
  }

  taken(errors: number, width: Width): void {
    this.blind = 0;
    this.unread = this.unseen;
    this.receiving = true;
    this.looks();
    this.on.taken.tell(this);
    this.unread = 0;
    this.unseen = width === 1 ? errors : 0;
  }

  takenNothing(): void {
    this.blind++;
    this.looks();
    this.on.taken.tell(this);
  }

  looked(mis: number): void {
    this.blind = 0;
    this.settle();
    this.looks();
    const shown = mis & ERRORS;
    if (shown !== 0 && this.shownAt === NEVER) this.shownAt = this.journal.now;
    this.shown |= shown;
  }

  errorsRead(): void {
    this.unseen = 0;
  }

  interruptsEnabled(imsc: number): void {
    this.settle();
    // A driver that polls takes what comes, and says so by that.
    this.receiving = (imsc & RECEIVES) !== 0;
    if ((imsc & this.shown) === 0) this.forget();
  }

  interruptsEnded(icr: number): void {
    this.settle();
    if ((this.shown & icr) === 0) return;
    this.shown &= ~icr;
    this.on.ended.tell(this);
    if (this.shown === 0) this.forget();
  }

  private forget(): void {
    this.shown = 0;
    this.shownAt = NEVER;
  }

  private settle(): void {
    if (!(this.journal.now - this.shownAt >= LONG)) return;
    this.shownAt = NEVER;
    this.late = true;
    this.on.late.tell(this);
    this.late = false;
  }

  private looks(): void {
    this.lookedAt = this.journal.now;
    this.lookedMark = this.journal.mark;
  }

  private seen(byte: number, lost: boolean, rate: LineRate): void {
    this.byte = byte;
    this.lost = lost;
    this.rate = rate;
  }
}

/**
 * Judges a driver of one PL011. @param whole whether it is more than a generic UART.
 *
 * @example
 * uart.events = judgePl011('ttyAMA0', false, journal);
 */
export function judgePl011(subject: string, whole: boolean, journal: Journal): Pl011Events {
  return compose<Pl011Events>(PL011_EVENTS, [
    new Pl011Watch(subject, journal),
    new Pl011SetUpWatch(subject, whole, journal),
  ]);
}
