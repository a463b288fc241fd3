import type { I8042Events } from '../../chipset/events.ts';
import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

const SHEET = 'IBM PS/2 Hardware Interface Technical Reference, Keyboard and Auxiliary Device Controller';
const NONE = -1;
/** Reads in a row without a byte that still count as emptying the buffer. */
const CLEAN_UP = 16;

/** Rules of the keyboard controller. */
export const KEYBOARD_CONTROLLER = {
  'i8042/BUSY': {
    where: SHEET,
    text: 'Do not write to ports 60 and 64 before you have read IBF, bit 1 of port 64, as clear.',
    advice: 'Read port 64 until bit 1 is clear before each write: a real controller takes milliseconds.',
    on: 'written',
    kept: (k) => k.isAsked,
    said: () => 'a byte was written, and port 64 was not read since the byte before',
  },
  'i8042/BYTE': {
    where: SHEET,
    text: 'A driver MUST write the byte that a command takes before the next command.',
    advice: 'After command 60h, or D1h to D4h, write its byte to port 60.',
    on: ['written', 'left'],
    kept: (k) => k.missing < 0,
    said: (k) => `command ${hex(k.missing, 2)} was written without its byte`,
  },
  'i8042/ANSWER': {
    where: SHEET,
    text: "A driver MUST read the controller's answer to a command before another command that is answered.",
    advice:
      'After commands 20h, A9h, AAh, ABh, C0h and D0h wait for OBF, bit 0 of port 64, and read port 60.',
    on: 'answered',
    kept: (k) => k.lost < 0,
    said: (k) => `the answer ${hex(k.lost, 2)} was not read, and is lost`,
  },
  'i8042/ACK': {
    where: SHEET,
    text: 'Do not write the next byte for the keyboard or the mouse before you have read its answer.',
    advice: 'Wait for OBF after each byte, and read port 60: fa is its ACK, fe asks for the byte again.',
    on: 'sent',
    kept: (k) => !k.unread,
    said: () => 'a byte was sent to the device, and its answer to the one before was not read',
  },
  'i8042/EMPTY': {
    where: SHEET,
    text: 'Do not read port 60 again and again while OBF, bit 0 of port 64, is clear.',
    advice: 'Read port 64 first: without OBF port 60 only repeats the last byte.',
    on: 'taken',
    kept: (k) => k.blind <= CLEAN_UP,
    said: (k) => `port 60 was read ${k.blind} times in a row while it had no byte`,
  },
} as const satisfies Rules<I8042Watch>;

/**
 * Watches a driver of the keyboard controller.
 *
 * @example
 * i8042.events = new I8042Watch('i8042', journal);
 */
export class I8042Watch implements I8042Events {
  readonly subject: string;
  /** Port 64 was read since the last write. */
  isAsked = true;
  /** The command whose byte did not come, and the answer that was not read; -1 is none. */
  missing = NONE;
  lost = NONE;
  /** Reads of port 60 without a byte, since it had one. */
  blind = 0;
  /** An answer of the keyboard or the mouse waits. */
  unread = false;
  private pending = NONE;
  /** `written`: a byte is. `left`: the run ends. `answered`: the controller answers. `sent`: a byte goes to a device. `taken`: port 60 is read. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.on = new Watch(journal, KEYBOARD_CONTROLLER).on;
    journal.atEnd(() => {
      this.missing = this.pending;
      if (this.pending !== NONE) this.on.left.tell(this);
    });
  }

  asked(): void {
    this.isAsked = true;
  }

  taken(empty: boolean): void {
    this.blind = empty ? this.blind + 1 : 0;
    this.on.taken.tell(this);
  }

  written(missing: number): void {
    this.pending = NONE;
    this.missing = missing;
    this.on.written.tell(this);
    this.isAsked = false;
  }

  sent(unread: boolean): void {
    this.unread = unread;
    this.on.sent.tell(this);
  }

  begun(command: number): void {
    this.pending = command;
  }

  answered(lost: number): void {
    this.lost = lost;
    this.on.answered.tell(this);
  }
}
