import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';
import { byteText } from './bytes.ts';

/** Rates that terminals and modems have, and how far a divisor may miss one. */
const RATES = [
  ...[50, 75, 110, 134.5, 150, 200, 300, 600, 1200, 1800, 2000, 2400, 3600, 4800, 7200, 9600, 14_400],
  ...[19_200, 28_800, 38_400, 57_600, 115_200],
];
const TOLERANCE = 0.025;
/** The rate of a divisor of 1. */
const FASTEST = 115_200;

/** What the rules know of a character that is sent. */
interface FormatKnows extends Knows {
  readonly byte: number;
  /** Bits of it that are sent. */
  readonly word: number;
  readonly lcr: number;
  /** The driver has LCR send five or six bits. */
  readonly isShort: boolean;
  /** It is the first by this divisor. */
  readonly isFirst: boolean;
  readonly divisor: number;
}

/** Rules of the format and the rate by which a driver sends, by the PC16550D's data sheet. */
export const UART_FORMAT = {
  'uart/FORMAT': {
    where: 'PC16550D, 8.1',
    text: 'Do not send a character with more bits than LCR sets.',
    advice: 'Write LCR = 03 (eight bits, no parity) before the first THR: after a reset it is 00, five bits.',
    on: 'sent',
    when: (k) => !k.isShort,
    kept: (k) => (k.byte & ~k.word) === 0,
    said: (k) =>
      `wrote ${byteText(k.byte)} to THR, but LCR lets the port send only 0x${hex(k.byte & k.word, 2)}`,
  },
  'uart/WORD': {
    where: 'PC16550D, 8.1',
    text: 'A driver MUST NOT write a character to THR that has more bits than the five or six that it set in LCR.',
    advice: 'Write 3 to bits 1:0 of LCR, for eight bits, when you clear DLAB: 0 there is five bits.',
    on: 'sent',
    kept: (k) => !k.isShort || (k.byte & ~k.word) === 0,
    said: (k) =>
      `wrote ${byteText(k.byte)} to THR, of which LCR = ${hex(k.lcr, 2)} lets the port send only 0x${hex(k.byte & k.word, 2)}`,
  },
  'uart/RATE': {
    where: 'PC16550D, 8.3',
    text: 'Set a divisor of a rate that the other end can have.',
    advice: 'Write the low byte of 115200 / rate to DLL and the high byte to DLM: 1 and 0 are 115200 baud.',
    on: 'sent',
    when: (k) => k.isFirst && k.divisor !== 0,
    kept: (k) => isUsual(k.divisor),
    said: (k) => `THR was written with a divisor of ${k.divisor}, ${Math.round(FASTEST / k.divisor)} baud`,
  },
} as const satisfies Rules<FormatKnows>;

/** Whether the rate of a divisor is one that the other end can have. */
function isUsual(divisor: number): boolean {
  return RATES.some((rate) => Math.abs(FASTEST / divisor / rate - 1) <= TOLERANCE);
}
