import { hex } from '../../core/bits.ts';
import type { LineRate } from '../../serial/events.ts';

/** A byte that found no room: itself is lost, or the one before it. */
interface Loss {
  readonly byte: number;
  readonly lost: number;
  readonly fifoOn: boolean;
}

/** `0x65 'e'`, or `0x0a`. */
export function byteText(byte: number): string {
  return isPrintable(byte) ? `0x${hex(byte, 2)} ${shortText(byte)}` : shortText(byte);
}

/** `'e'`, or `0x0a`. */
function shortText(byte: number): string {
  return isPrintable(byte) ? `'${String.fromCharCode(byte)}'` : `0x${hex(byte, 2)}`;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

export function lossText({ byte, lost, fifoOn }: Loss, what: string): string {
  return fifoOn
    ? `${what} while 16 bytes were waiting in the FIFO: ${shortText(byte)} is lost`
    : `${what} while ${byteText(lost)} was still waiting: ${shortText(lost)} is lost`;
}

export function rateText({ rate }: { readonly rate: LineRate }): string {
  return `divisor ${rate.divisor}: a character takes ${rate.character} ns`;
}

export function charactersText(count: number): string {
  return count === 1 ? 'a character' : `${count} characters`;
}
