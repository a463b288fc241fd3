import { createInflateRaw } from 'node:zlib';
import { crc32 } from './crc32.ts';

/** RFC 1952: ten bytes, then the optional fields of the flags, the data, its sum and its length. */
const FLAGS = 3;
const HEADER = 10;
const TRAILER = 8;
const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;

/**
 * Unpacks one member and returns its length: Node's own gunzip refuses data behind it, which a kernel's
 * configuration and an archive of an initramfs have.
 */
export async function gunzip(bytes: Uint8Array, sink: (piece: Uint8Array) => void): Promise<number> {
  const start = headerLength(bytes);
  const stream = createInflateRaw();
  stream.end(bytes.subarray(start));
  let sum = 0;
  let length = 0;
  for await (const piece of stream) {
    sum = crc32(piece, sum);
    length += piece.length;
    sink(piece);
  }
  const end = start + stream.bytesWritten;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (end + TRAILER > bytes.length) throw new Error('unexpected end of file');
  if (view.getUint32(end, true) !== sum || view.getUint32(end + 4, true) !== length % 2 ** 32)
    throw new Error('incorrect data check');
  return end + TRAILER;
}

function headerLength(bytes: Uint8Array): number {
  const flags = bytes[FLAGS] ?? 0;
  let at = HEADER;
  if (flags & FEXTRA) at += 2 + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
  for (const text of [FNAME, FCOMMENT]) if (flags & text) at = behindZero(bytes, at);
  return flags & FHCRC ? at + 2 : at;
}

function behindZero(bytes: Uint8Array, at: number): number {
  const zero = bytes.indexOf(0, at);
  return zero < 0 ? bytes.length : zero + 1;
}
