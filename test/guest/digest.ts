import type { Medium } from '../../src/media/medium.ts';

const PRIME = 0x0100_0193;
const CHUNK = 1 << 20;

/** The result of `mix()` of the guest's init.c for the first `bytes` of a disk, in hexadecimal. */
export function digest(medium: Medium, bytes: number): string {
  const chunk = new Uint8Array(CHUNK);
  const words = new Uint32Array(chunk.buffer);
  let hash = 0;
  for (let at = 0; at < bytes; at += CHUNK) {
    medium.read(at, chunk, 0, CHUNK);
    for (const word of words) {
      hash ^= word;
      hash = Math.imul((hash << 5) | (hash >>> 27), PRIME);
    }
  }
  return (hash >>> 0).toString(16);
}
