import type { ByteReader } from '../../../core/byte-reader.ts';
import { ADMIN_WORD } from './registers.ts';

const BITS = 8 * ADMIN_WORD;

/** Numbers as bits in words of eight bytes, as many as the largest needs. */
export function listOf(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((Math.max(...numbers) + 1) / BITS) * ADMIN_WORD);
  for (const number of numbers) bytes[number >> 3]! |= 1 << (number & 7);
  return bytes;
}

/** The numbers below `end` whose bits are set; further bits are ignored. */
export function numbersIn(list: ByteReader, end: number): number[] {
  return Array.from({ length: end }, (_, number) => number).filter(
    (number) => (list.u8(number >> 3) & (1 << (number & 7))) !== 0,
  );
}
