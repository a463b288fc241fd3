import * as zlib from 'node:zlib';
import { throughProgram } from '../backends/host-program.ts';

/** RFC 8878, 3.1.1: a magic, a header, blocks behind three bytes each, a sum. */
const FRAME = 0xfd2f_b528;
const SKIPPABLE = 0x184d_2a50;
const HEADER = 5;
const CHECKSUM = 0x04;
const SINGLE_SEGMENT = 0x20;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];
const BLOCK_HEADER = 3;
const RLE = 1;

/** The kernel's limit for an initramfs (lib/decompress_unzstd.c), and zstd's own default. */
const WINDOW_LOG_MOST = 27;
const ZSTD_d_windowLogMax = 100;
const PROGRAM = ['zstd', '-dcq'] as const;
const MISSING =
  'is compressed with zstd: install the program zstd (Debian: apt install zstd), or use Node 22.15 or newer';

type Options = { readonly params: Readonly<Record<number, number>> };
/** Node has it from 22.15 and 23.8 on. */
const { createZstdDecompress } = zlib as {
  readonly createZstdDecompress?: (options: Options) => zlib.Gunzip;
};

/** @returns where the last frame ends. @throws Error for damaged data, and for data with a larger window. */
export async function unzstd(
  what: string,
  bytes: Uint8Array,
  sink: (piece: Uint8Array) => void,
): Promise<number> {
  const end = framesEnd(bytes);
  const frames = bytes.subarray(0, end);
  if (createZstdDecompress === undefined) await throughProgram(what, PROGRAM, MISSING, frames, sink);
  else
    for (let at = 0; at < end; ) {
      // Some versions stop behind the first frame.
      const stream = createZstdDecompress({ params: { [ZSTD_d_windowLogMax]: WINDOW_LOG_MOST } });
      stream.end(frames.subarray(at));
      for await (const piece of stream) sink(piece);
      at += stream.bytesWritten;
    }
  return end;
}

/** Walks the frames by the lengths of their blocks: not every Node reports a frame that was cut off. */
function framesEnd(bytes: Uint8Array): number {
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const magic = number(bytes, at, 4);
    if (magic - (magic % 16) === SKIPPABLE) at += 8 + number(bytes, at + 4, 4);
    else if (magic === FRAME) at = frameEnd(bytes, at);
    else break;
  }
  if (at > bytes.length) throw new Error('unexpected end of file');
  return at;
}

function frameEnd(bytes: Uint8Array, start: number): number {
  const flags = bytes[start + 4]!;
  const single = (flags & SINGLE_SEGMENT) !== 0;
  const sizeBytes = flags >> 6 === 0 && single ? 1 : SIZE_BYTES[flags >> 6]!;
  let at = start + HEADER + (single ? 0 : 1) + DICTIONARY_BYTES[flags & 3]! + sizeBytes;
  for (let last = false; !last; ) {
    const header = number(bytes, at, BLOCK_HEADER);
    last = (header & 1) !== 0 || at >= bytes.length;
    at += BLOCK_HEADER + (((header >> 1) & 3) === RLE ? 1 : header >> 3);
  }
  return at + (flags & CHECKSUM ? 4 : 0);
}

function number(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
