import { hex } from '../../core/bits.ts';

/** `0x65 'e'`, or `0x0a`. */
export function byteText(byte: number): string {
  return isPrintable(byte) ? `0x${hex(byte, 2)} ${shortText(byte)}` : shortText(byte);
}

/** `'e'`, or `0x0a`. */
export function shortText(byte: number): string {
  return isPrintable(byte) ? `'${String.fromCharCode(byte)}'` : `0x${hex(byte, 2)}`;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
