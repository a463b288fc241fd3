import { MisuseError } from '../../../core/misuse.ts';
import { put16 } from '../../frame/big-endian.ts';

const WORDS = 8;
const WORD = /^[0-9a-f]{1,4}$/i;

/** `fd20::2` as 16 bytes. @throws MisuseError for an invalid address. */
export function ipv6Of(path: string, text: string): Uint8Array {
  const parts = typeof text === 'string' ? text.split('::') : [];
  const [before = [], after = []] = parts.map((part) => (part === '' ? [] : part.split(':')));
  const count = before.length + after.length;
  const isWhole = parts.length === 1 ? count === WORDS : parts.length === 2 && count < WORDS;
  if (!isWhole || ![...before, ...after].every((word) => WORD.test(word)))
    throw new MisuseError(path, text, 'an IPv6 address (example fd20::2)');
  const bytes = new Uint8Array(2 * WORDS);
  for (const [i, word] of before.entries()) put16(bytes, 2 * i, Number.parseInt(word, 16));
  for (const [i, word] of after.entries())
    put16(bytes, 2 * (WORDS - after.length + i), Number.parseInt(word, 16));
  return bytes;
}

/** An interface's link-local address: fe80:: and its MAC address with ff:fe inserted and a bit flipped (RFC 4291, A). */
export function linkLocalOf(mac: Uint8Array): Uint8Array {
  const id = [mac[0]! ^ 0x02, mac[1]!, mac[2]!, 0xff, 0xfe, mac[3]!, mac[4]!, mac[5]!];
  return Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...id);
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
