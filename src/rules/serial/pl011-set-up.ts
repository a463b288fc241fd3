import type { Mark } from '../../core/access.ts';
import { hex, type Width } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { registerBlock } from '../../core/register-block.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { LineRate } from '../../serial/events.ts';
import type { Pl011Events } from '../../serial/pl011/events.ts';
import { GENERIC_UART, PL011_ONLY, UARTCR, UARTLCR_H } from '../../serial/pl011/registers.ts';
import { charactersText } from './bytes.ts';

const BLOCK = registerBlock([...GENERIC_UART, ...PL011_ONLY]);
const { UARTEN, TXE, LBE, SIREN } = UARTCR.mask;
const SENDS = UARTEN | TXE;
const NOWHERE = -1;

/** The register at a place, or the place. */
function nameOf(offset: number): string {
  return BLOCK.at(offset & ~3)?.name ?? `offset ${hex(offset, 3)}`;
}

function heldBy(control: number): string {
  if ((control & LBE) !== 0) return 'with LBE set';
  return (control & SIREN) === 0 ? '' : 'with SIREN set';
}

/** Rules of how a driver reaches a PL011 and sets it up. */
export const ARM_UART_SET_UP = {
  'pl011/WIDTH': {
    where: 'SBSA (DEN0029), appendix B',
    text: 'A driver MUST NOT access UARTIMSC, UARTRIS, UARTMIS or UARTICR by single bytes, nor any register behind its first byte.',
    advice: 'Access registers with 32 bits.',
    on: ['used', 'width'],
    kept: (k) => k.width === 0,
    said: (k) =>
      `${nameOf(k.at)} was accessed by ${k.width} ${k.width === 1 ? 'byte' : 'bytes'} at ${hex(k.at, 3)}`,
  },
  'pl011/RESERVED': {
    where: 'DDI 0183, 3.1',
    text: 'A driver MUST NOT access a place that has no register.',
    advice: 'Look the offset up: UARTFR is at 018, UARTCR at 030, UARTICR at 044.',
    on: ['used', 'nothing'],
    kept: (k) => k.nothing === NOWHERE,
    said: (k) => `offset ${hex(k.nothing, 3)} was accessed, where no register is`,
    alike: true,
  },
  'pl011/RESERVED-BITS': {
    where: 'DDI 0183, 3.1',
    text: 'A driver MUST write 0 to the bits that a register does not have, but in UARTICR.',
    advice: 'Write no bits but those that are named: UARTIMSC has eleven.',
    on: ['used', 'bits'],
    kept: (k) => k.bits === 0,
    said: (k) => `${nameOf(k.at)} was written with ${hex(k.bits, 4)}, which it does not have`,
    alike: true,
  },
  'pl011/GENERIC': {
    where: 'SBSA (DEN0029), appendix B',
    text: 'Use no register of a generic UART but UARTDR, UARTRSR, UARTFR, UARTIMSC, UARTRIS, UARTMIS and UARTICR.',
    advice: 'Leave speed, format and UARTCR as the firmware set them: ARMH0011 of ACPI has the seven alone.',
    on: ['used', 'own'],
    when: (k) => !k.whole,
    kept: (k) => k.own === NOWHERE,
    said: (k) => `${nameOf(k.own)} was accessed, which the generic UART need not have`,
    once: true,
  },
  'pl011/ENABLED': {
    where: 'DDI 0183, 3.3.7',
    text: 'A driver MUST NOT write UARTIBRD, UARTFBRD or UARTLCR_H while the UART is enabled, or still sends a character.',
    advice: 'Clear UARTEN in UARTCR, wait until BUSY in UARTFR is clear, and set UARTEN at the end.',
    on: 'format',
    kept: (k) => !k.enabled && !k.busy,
    said: (k) =>
      `${nameOf(k.at)} was written ${k.enabled ? 'with UARTEN set' : 'while the last character was still sent'}`,
    alike: true,
  },
  'pl011/LATCH': {
    where: 'DDI 0183, 3.3.5 to 3.3.7',
    text: 'A driver MUST write UARTLCR_H after UARTIBRD and UARTFBRD: only then the divisor changes.',
    advice: 'Write UARTIBRD, UARTFBRD and then UARTLCR_H, even if it keeps its value.',
    on: 'enabling',
    kept: (k) => !k.pending,
    said: () => 'the UART was enabled with a divisor that no write of UARTLCR_H took over',
  },
  'pl011/DIVISOR': {
    where: 'DDI 0183, 3.3.6',
    text: 'A driver MUST NOT use the UART with an integer divisor of 0.',
    advice: 'Write UARTIBRD = UARTCLK / (16 × rate): at 24 MHz 13, and UARTFBRD = 1, are 115200 baud.',
    on: 'first',
    kept: (k) => k.rate.divisor !== 0,
    said: () => 'UARTDR was written with UARTIBRD at 0: nothing is sent',
  },
  'pl011/FLUSH': {
    where: 'DDI 0183, 3.3.7 and 3.3.8',
    text: 'A driver MUST NOT enable the UART with characters in the transmit FIFO that waited there when it was disabled.',
    advice:
      'Wait until BUSY in UARTFR is clear before you clear UARTEN, or clear FEN in UARTLCR_H before you set it.',
    on: 'enabling',
    kept: (k) => k.left <= 0,
    said: (k) => `UARTEN was set with ${charactersText(k.left)} in the FIFO that waited when it was cleared`,
  },
  'pl011/SENDS': {
    where: 'DDI 0183, 3.3.8',
    text: 'A driver MUST set UARTEN and TXE of UARTCR, and clear LBE and SIREN, for what it writes to UARTDR.',
    advice: 'Write 0301 to UARTCR behind the format, and clear LBE after a self-test.',
    on: ['open', 'ended'],
    kept: (k) => k.held === '',
    said: (k) => `characters were written to UARTDR ${k.held}: a PL011 sends none of them to the other end`,
    since: (k) => k.heldAt,
  },
} as const satisfies Rules<Pl011SetUpWatch>;

/** Watches which registers of one PL011 a driver uses, and how it sets up speed and format. */
export class Pl011SetUpWatch implements Partial<Pl011Events> {
  readonly subject: string;
  readonly whole: boolean;
  /** The place of the access in question. */
  at = 0;
  /** Bytes of an access that no such register takes; 0 for none. */
  width = 0;
  bits = 0;
  nothing = NOWHERE;
  own = NOWHERE;
  enabled = false;
  busy = false;
  rate: LineRate = { divisor: 0, word: 0, character: 0 };
  /** A part of the divisor was written, and UARTLCR_H was not since. */
  pending = false;
  /** Characters that wait to be sent since before the UART was disabled. */
  left = 0;
  /** Characters that were written while nothing was sent, since the UART was disabled. */
  private added = 0;
  /** What keeps the characters that were written last from the other end; empty is nothing. */
  held = '';
  heldAt: Mark = 0;
  private isFirst = true;
  /** UARTCR as far as the driver wrote it. */
  private control = 0;
  private readonly journal: Journal;
  private readonly on;

  constructor(subject: string, whole: boolean, journal: Journal) {
    this.subject = subject;
    this.whole = whole;
    this.journal = journal;
    this.on = new Watch(journal, ARM_UART_SET_UP).on;
    journal.atEnd(() => this.ended());
  }

  reset(): void {
    this.pending = false;
    this.added = 0;
    this.isFirst = true;
    this.held = '';
    this.control = 0;
  }

  transmitted(_byte: number, lost: boolean, enabled: boolean, rate: LineRate): void {
    if (!enabled && !lost) this.added++;
    this.hold(enabled);
    if (!this.isFirst) return;
    this.isFirst = false;
    this.rate = rate;
    this.on.first.tell(this);
    this.on.used.tell(this);
  }

  interruptsEnabled(): void {
    this.on.used.tell(this);
  }

  widthAt(offset: number, width: Width): void {
    this.at = offset;
    this.width = width;
    this.on.width.tell(this);
    this.width = 0;
  }

  bitsWritten(offset: number, bits: number): void {
    this.at = offset;
    this.bits = bits;
    this.on.bits.tell(this);
    this.bits = 0;
  }

  nothingAt(offset: number): void {
    this.nothing = offset;
    this.on.nothing.tell(this);
    this.nothing = NOWHERE;
  }

  ownAt(offset: number): void {
    this.own = offset;
    this.on.own.tell(this);
    this.own = NOWHERE;
  }

  formatWritten(offset: number, enabled: boolean, busy: boolean): void {
    this.at = offset;
    this.enabled = enabled;
    this.busy = busy;
    this.pending = offset !== UARTLCR_H.offset;
    this.on.format.tell(this);
  }

  controlWritten(before: number, cr: number, waiting: number): void {
    this.control = cr;
    if ((cr & SENDS) === SENDS && (cr & (LBE | SIREN)) === 0) {
      this.held = '';
      this.on.open.tell(this);
    }
    if ((cr & UARTEN) === (before & UARTEN)) return;
    if ((cr & UARTEN) === 0) {
      this.added = 0;
      return;
    }
    this.left = waiting - this.added;
    this.isFirst = true;
    this.on.enabling.tell(this);
  }

  /** The run is over. */
  ended(): void {
    if (this.held !== '') this.on.ended.tell(this);
  }

  private hold(enabled: boolean): void {
    const { control } = this;
    const held = enabled ? heldBy(control) : 'with UARTEN or TXE clear';
    if (held !== '' && this.held === '') this.heldAt = this.journal.mark;
    this.held = held;
  }
}
