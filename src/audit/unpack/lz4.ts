import { decompressBlock } from 'lz4js';

/** A block of `lz4 -l` unpacks to this much, the last one to less. */
const BLOCK = 8 << 20;
/** The compressed size of 8 MiB of incompressible data. */
const LARGEST = BLOCK + Math.floor(BLOCK / 255) + 16;
const MAGIC = 0x184c2102;

/** `lz4 -l`, the one format of lz4 that the kernel reads: a magic, then blocks, each behind its length. */
export function unpackLz4(bytes: Uint8Array, sink: (piece: Uint8Array) => void): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const block = new Uint8Array(BLOCK);
  let at = 4;
  while (at + 4 <= bytes.length) {
    const length = view.getUint32(at, true);
    at += 4;
    // Concatenated archives.
    if (length === MAGIC) continue;
    if (length === 0) break;
    if (length > LARGEST || at + length > bytes.length)
      throw new Error(`a block of ${length} bytes at ${at}`);
    const size = decompressBlock(bytes, block, at, length, 0);
    if (!(size <= BLOCK)) throw new Error(`the block at ${at} unpacks to more than 8 MiB`);
    sink(block.subarray(0, size));
    at += length;
  }
  return bytes.length;
}
