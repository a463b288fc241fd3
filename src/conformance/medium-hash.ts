import { sha256 } from '../core/sha256.ts';
import type { Medium } from '../media/medium.ts';

const CHUNK = 1 << 20;
const BLOCK = 512;

/** SHA-256 of a whole disk, read from the medium itself and not through a guest; null if it cannot be read. */
export function mediumHash(medium: Medium): string | null {
  const hash = sha256();
  const buffer = new Uint8Array(CHUNK);
  const bytes = medium.blocks * BLOCK;
  for (let at = 0; at < bytes; at += CHUNK) {
    const length = Math.min(CHUNK, bytes - at);
    if (!medium.read(at, buffer, 0, length)) return null;
    hash.update(buffer.subarray(0, length));
  }
  return hash.digest('hex');
}
