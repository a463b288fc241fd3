import type { Mark } from '../../core/access.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import { compose } from '../../core/compose.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import { type LineRate, UART_EVENTS, type UartEvents } from '../../serial/events.ts';
import { IER, LCR, LSR } from '../../serial/registers.ts';
import { byteText, lossText, rateText } from './bytes.ts';
import { UartUseWatch } from './use.ts';
import { WaitingWatch } from './waiting.ts';

const { ERBFI, ETBEI } = IER.mask;
const NEVER = Number.POSITIVE_INFINITY;
/** Virtual nanoseconds within which a polling driver has polled: 50 ms. */
const LONG: Nanos = 50_000_000;

/** Empty reads in a row that still count as emptying the FIFO: as many as it has bytes. */
const CLEAN_UP = 16;
/** Reads in vain, each behind a look at LSR, that no driver makes to empty a FIFO. */
const MANY = 64;
/** Writes of DLL for one divisor. */
const LATCH_WRITES = 4;

/** Rules of a serial port, by the PC16550D's data sheet. */
export const UART = {
  'uart/DIVISOR': {
    where: 'PC16550D, 8.3',
    text: 'A driver SHOULD NOT use a port while its divisor latch is 0.',
    advice: 'Write DLL and DLM (1 is 115200 baud) before clearing DLAB.',
    on: 'transmitted',
    // Between two writes of the latch the divisor may be 0: it is judged when the port is used.
    when: (k) => k.first,
    kept: (k) => k.rate.divisor !== 0,
    said: () => 'THR was written with DLL and DLM at 00: nothing is sent',
  },
  'uart/THR-FULL': {
    where: 'PC16550D, 8.4 and 8.11',
    text: 'A driver MUST NOT write to a transmitter that has no room for the byte.',
    advice: 'Wait for THRE, then write at most 16 bytes with the FIFO on, one with it off.',
    on: 'transmitted',
    // With a divisor of 0 there is never room, which uart/DIVISOR reports.
    when: (k) => k.rate.divisor !== 0,
    kept: (k) => k.lost < 0,
    said: (k) => lossText(k, `wrote ${byteText(k.byte)} to THR`),
    alike: true,
    facts: (k) => [rateText(k)],
  },
  'uart/DLAB': {
    where: 'PC16550D, 8.1 and 8.3',
    text: 'A driver MUST NOT write or read data while DLAB is set: there the divisor is.',
    advice: 'Clear bit 7 of LCR after DLL and DLM, before using THR, RBR or IER.',
    on: ['divisor', 'latch'],
    // Up to four writes may set, correct or probe the divisor. A write after a wait for THRE is meant as data.
    kept: (k) => k.lowWrites <= LATCH_WRITES && !k.waited && !k.again && !k.isMisread,
    said: (k) =>
      k.isMisread
        ? 'DLL was read after a look at LSR, with DLAB set: the character stays in RBR'
        : k.again
          ? `DLM was written twice behind DLL, with DLAB set: the second, ${hex(k.upper, 2)}, did not reach IER`
          : k.waited
            ? 'DLL was written after a look at LSR or IIR, with DLAB set'
            : `DLL was written ${k.lowWrites} times with DLAB set`,
  },
  'uart/OUT2': {
    where: 'IBM PC AT Technical Reference, Serial/Parallel Adapter',
    text: 'A driver SHOULD set OUT2 while it waits for an interrupt: on a PC, OUT2 lets the interrupt through.',
    advice: 'Set bit 3 of MCR with DTR and RTS when you write IER.',
    on: ['wanted', 'silent'],
    kept: (k) => !k.unheard,
    said: () =>
      'IER asks for an interrupt of which the cause is there, but OUT2 is off and the driver did not poll',
  },
  'uart/LINE-STATUS': {
    where: 'PC16550D, 8.4',
    text: 'A driver SHOULD read LSR before it takes a byte that was received with an error.',
    advice: 'Read LSR before each RBR: PE, FE and BI belong to the next byte.',
    on: 'taken',
    when: (k) => k.blind === 0,
    kept: (k) => k.wrong === 0,
    follows: ['uart/RBR-EMPTY', 'uart/RBR-TWICE'],
    said: (k) => `a byte was accepted with ${LSR.format(k.wrong)} in LSR`,
  },
  'uart/RBR-EMPTY': {
    where: 'PC16550D, 8.4',
    text: 'A driver SHOULD NOT read RBR repeatedly while DR is clear.',
    advice: 'Read LSR first: while DR is clear, RBR only repeats the last byte.',
    on: 'taken',
    kept: (k) => k.blind <= CLEAN_UP && k.vain <= MANY,
    said: (k) => `RBR was read ${Math.max(k.blind, k.vain)} times in a row while it was empty`,
  },
  'uart/OVERRUN': {
    where: 'PC16550D, 8.4',
    text: 'A driver SHOULD NOT let the receiver overrun while it receives.',
    advice:
      'Enable the received-data interrupt or poll LSR often enough; a FIFO trigger level of 8 leaves eight character times.',
    on: 'received',
    // Bytes sent to a port that the guest does not read are lost, too, but not by the guest's fault.
    when: (k) => k.receiving,
    kept: (k) => k.lost < 0,
    follows: ['uart/OUT2', 'pic/EDGE', 'pic/EOI'],
    said: (k) => lossText(k, `received ${byteText(k.byte)}`),
    alike: true,
    facts: (k) => [rateText(k), `the guest last looked at the port ${k.sinceLook} ns before`],
    since: (k) => k.lookedMark,
  },
} as const satisfies Rules<UartWatch>;

/** Watches how a driver sets one serial port up, sends by it, and takes what comes. */
export class UartWatch implements Partial<UartEvents> {
  readonly subject: string;
  /** The first write of THR since the divisor latch was closed. */
  first = false;
  /** The guest takes what comes: it enabled the interrupt, or took a byte by polling. */
  receiving = false;
  /** The byte that found no room; -1 is none. */
  lost = -1;
  byte = 0;
  fifoOn = false;
  rate: LineRate = { divisor: 0, word: 0, character: 0 };
  /** Errors in LSR of the byte that was taken, of which LSR was not read. */
  wrong = 0;
  /** Reads of an empty RBR in a row, without a read of LSR or IIR. */
  blind = 0;
  /** The same, whatever else was read between, since the format was set. */
  vain = 0;
  /** Writes of DLL since DLAB was set, and whether LSR or IIR was read meanwhile. */
  lowWrites = 0;
  waited = false;
  /** DLL is read, and LSR was since DLAB was set. */
  isMisread = false;
  private isOpen = false;
  /** DLM was written once more behind the divisor, with another value: what it has now. */
  again = false;
  upper = 0;
  private highWrites = 0;
  /** An enabled interrupt did not reach the bus, and the guest did not poll either. */
  unheard = false;
  /** When an interrupt did not reach the bus that the guest has not polled for since; Infinity is none. */
  private heldAt: Nanos = NEVER;
  private looks = false;
  private hasLooked = false;
  /** The last read of LSR, IIR or RBR. */
  lookedMark: Mark = 0;
  private lookedAt: Nanos = 0;
  private readonly journal: Journal;
  /** `silent`: an interrupt was held back, and the guest did not poll in its stead. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.on = new Watch(journal, UART).on;
    this.journal = journal;
    journal.beforeReading(() => this.settle());
  }

  get sinceLook(): Nanos {
    return this.journal.now - this.lookedAt;
  }

  reset(): void {
    this.receiving = false;
    this.vain = 0;
    this.latchDone();
    this.heldAt = NEVER;
  }

  formatWritten(lcr: number): void {
    this.vain = 0;
    this.isOpen = (lcr & LCR.mask.DLAB) !== 0;
    this.hasLooked = false;
  }

  latchRead(): void {
    this.isMisread = this.hasLooked;
    this.on.latch.tell(this);
    this.isMisread = false;
  }

  latchClosed(): void {
    this.first = true;
    this.latchDone();
  }

  divisorWritten(high: boolean, _busy: boolean, value: number): void {
    if (high) this.upperWritten(value);
    else {
      this.lowWrites++;
      this.highWrites = 0;
      this.again = false;
      this.waited = this.looks;
    }
    this.on.divisor.tell(this);
  }

  /** Behind DLL, a second write is meant for IER. */
  private upperWritten(value: number): void {
    this.again = this.lowWrites > 0 && this.highWrites++ > 0 && this.upper !== value;
    this.upper = value;
  }

  looked(iir: number): void {
    this.blind = 0;
    this.hasLooked ||= this.isOpen && iir < 0;
    this.looks = this.lowWrites > 0;
    this.sees();
  }

  transmitted(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void {
    this.seen(byte, lost, fifoOn, rate);
    this.on.transmitted.tell(this);
    this.first = false;
  }

  received(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void {
    this.seen(byte, lost, fifoOn, rate);
    this.on.received.tell(this);
  }

  taken(wrong: number): void {
    this.receiving = true;
    this.wrong = wrong;
    this.blind = this.vain = 0;
    this.sees();
    this.on.taken.tell(this);
  }

  takenNothing(): void {
    this.blind++;
    this.vain++;
    this.sees();
    this.on.taken.tell(this);
  }

  wantedInterrupt(out: boolean): void {
    this.settle();
    this.unheard = false;
    if (out) this.on.wanted.tell(this);
    else if (this.heldAt === NEVER) this.heldAt = this.journal.now;
  }

  interruptsEnabled(ier: number): void {
    if ((ier & (ERBFI | ETBEI)) === 0) this.heldAt = NEVER;
    if ((ier & ERBFI) !== 0) this.receiving = true;
  }

  /** The driver cleared the receiver or dropped DTR: unless it has the interrupt enabled, it receives no more. */
  released(ier: number): void {
    if ((ier & ERBFI) === 0) this.receiving = false;
  }

  /** The guest reads what the port has for it. */
  private sees(): void {
    this.heldAt = NEVER;
    this.lookedAt = this.journal.now;
    this.lookedMark = this.journal.mark;
  }

  private latchDone(): void {
    this.lowWrites = this.highWrites = 0;
    this.looks = this.waited = this.again = false;
  }

  /** Judges an interrupt held back, once a guest that polls has had the time to. */
  private settle(): void {
    if (!(this.journal.now - this.heldAt >= LONG)) return;
    this.heldAt = NEVER;
    this.unheard = true;
    this.on.silent.tell(this);
  }

  private seen(byte: number, lost: number, fifoOn: boolean, rate: LineRate): void {
    this.byte = byte;
    this.lost = lost;
    this.fifoOn = fifoOn;
    this.rate = rate;
  }
}

/**
 * Judges a driver of one serial port.
 *
 * @example
 * uart.events = judgeUart('ttyS0', journal);
 */
export function judgeUart(subject: string, journal: Journal): UartEvents {
  return compose<UartEvents>(UART_EVENTS, [
    new UartWatch(subject, journal),
    new UartUseWatch(subject, journal),
    new WaitingWatch(subject, journal),
  ]);
}
