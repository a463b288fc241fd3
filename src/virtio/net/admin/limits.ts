import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Struct } from '../../../core/struct.ts';

/** Whether no number that a driver set exceeds the offered one. */
export function isBelow({ members, size, decode }: Struct, set: ByteReader, offered: Uint8Array): boolean {
  const [asked, most] = [decode(set.bytes(0, size)), decode(offered)];
  return Object.keys(members).every(
    (name) => typeof members[name] !== 'string' || asked[name]! <= most[name]!,
  );
}

/** Whether a mask has only offered bits. */
export function isWithin(mask: Uint8Array, offered: Uint8Array): boolean {
  return mask.every((byte, i) => (byte & ~(offered[i] ?? 0)) === 0);
}
