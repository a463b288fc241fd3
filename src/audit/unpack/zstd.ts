import { Decompress } from 'fzstd';

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

const PIECE = 1 << 16;
/** The kernel's limit for an initramfs (lib/decompress_unzstd.c), and zstd's own default. */
const WINDOW_MOST = 1 << 27;
/** The decompressor moves its window with each block. This much takes it a minute or two. */
const MOVED_MOST = 2 ** 39;

/** @throws Error for damaged data, and for data that would take the decompressor too much memory or hours. */
export function unzstd(bytes: Uint8Array, sink: (piece: Uint8Array) => void): number {
  checkWork(bytes);
  const stream = new Decompress(sink);
  for (let at = 0; at < bytes.length; at += PIECE)
    stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  return bytes.length;
}

/** Walks the frames by the lengths of their blocks. If they end early, the decompressor reports it. */
function checkWork(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let moved = 0;
  for (let at = 0; at + HEADER + 3 < bytes.length; ) {
    const magic = view.getUint32(at, true);
    if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE) at += 8 + view.getUint32(at + 4, true);
    else if (magic !== FRAME) return;
    else {
      const frame = frameAt(bytes, at);
      if (frame.window > WINDOW_MOST) throw new Error(`a window of ${frame.window} bytes`);
      moved += frame.blocks * frame.window;
      if (moved > MOVED_MOST) throw new Error(`${frame.blocks} blocks in a window of ${frame.window} bytes`);
      at = frame.end;
    }
  }
}

interface Frame {
  readonly window: number;
  readonly blocks: number;
  readonly end: number;
}

function frameAt(bytes: Uint8Array, start: number): Frame {
  const flags = bytes[start + 4]!;
  const single = (flags & SINGLE_SEGMENT) !== 0;
  const sizeAt = start + HEADER + (single ? 0 : 1) + DICTIONARY_BYTES[flags & 3]!;
  const sizeBytes = flags >> 6 === 0 && single ? 1 : SIZE_BYTES[flags >> 6]!;
  const window = single ? number(bytes, sizeAt, sizeBytes) : windowOf(bytes[start + HEADER]!);
  let at = sizeAt + sizeBytes;
  let blocks = 0;
  for (let last = false; !last && at < bytes.length; blocks++) {
    const header = number(bytes, at, BLOCK_HEADER);
    last = (header & 1) !== 0;
    at += BLOCK_HEADER + (((header >> 1) & 3) === RLE ? 1 : header >> 3);
  }
  return { window, blocks, end: at + (flags & CHECKSUM ? 4 : 0) };
}

/** Window_Descriptor: an exponent, and eighths that are added. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function number(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
