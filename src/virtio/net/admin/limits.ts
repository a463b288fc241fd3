import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Struct } from '../../../core/struct.ts';

/** No number that a driver set is above what is offered. */
export function isBelow({ members, size, decode }: Struct, set: ByteReader, offered: Uint8Array): boolean {
  const [asked, most] = [decode(set.bytes(0, size)), decode(offered)];
  return Object.keys(members).every(
    (name) => typeof members[name] !== 'string' || asked[name]! <= most[name]!,
  );
}

/** No bit of a mask is one that is not offered. */
export function isWithin(mask: Uint8Array, offered: Uint8Array): boolean {
  return mask.every((byte, i) => (byte & ~(offered[i] ?? 0)) === 0);
}
