import { crc32, createInflateRaw } from 'node:zlib';
import { match } from 'ts-pattern';
import { MisuseError } from '../../core/misuse.ts';
import { type Format, formatOf } from '../../media/magics.ts';
import { throughProgram } from '../backends/host-program.ts';
import { Budget } from './budget.ts';
import { unpackBlock } from './lz4.ts';
import { unzstd } from './zstd.ts';

/** Takes unpacked data, piece by piece; a piece is valid until it returns. */
type Sink = (piece: Uint8Array) => void;

/**
 * Unpacks gzip, xz, zstd or lz4 (as `lz4 -l` writes it). Memory does not grow with the output. For xz the host's program
 * is run, and for zstd where Node does not have it.
 *
 * @param what the file in messages: `initramfs initrd.img`.
 * @param budget limits the output: an archive bomb ends there.
 * @returns how many bytes of `bytes` were read; for formats without an end mark, all.
 * @throws MisuseError for damaged data, too much output or another compression.
 */
export async function unpack(
  what: string,
  bytes: Uint8Array,
  sink: Sink,
  budget = new Budget(),
): Promise<number> {
  const format = formatOf(bytes);
  const bounded: Sink = (piece) => {
    budget.spend(what, piece.length);
    sink(piece);
  };
  try {
    return await reader(what, format)(bytes, bounded);
  } catch (error) {
    if (error instanceof MisuseError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MisuseError(what, '', 'intact', `${format} data is damaged: ${reason}`);
  }
}

/** All in one piece. */
export async function unpackWhole(what: string, bytes: Uint8Array, most?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  await unpack(what, bytes, (piece) => pieces.push(piece.slice()), new Budget(most));
  return Buffer.concat(pieces);
}

type Reader = (bytes: Uint8Array, sink: Sink) => number | Promise<number>;

function reader(what: string, format: Format | null): Reader {
  return match(format)
    .returnType<Reader>()
    .with('gzip', () => gunzip)
    .with('xz', () => (bytes, sink) => unxz(what, bytes, sink))
    .with('zstd', () => (bytes, sink) => unzstd(what, bytes, sink))
    .with('lz4', () => unpackLz4)
    .with('lz4 frame', 'bzip2', 'lzma', 'lzo', (name) => {
      throw new MisuseError(what, name, '', `is compressed with ${name}, which the audit does not read`);
    })
    .with(null, () => {
      throw new MisuseError(what, '', '', 'is compressed in no known way');
    })
    .exhaustive();
}

const XZ = ['xz', '-dc'] as const;
const NO_XZ = 'is compressed with xz: install the program xz (Debian: apt install xz-utils)';

async function unxz(what: string, bytes: Uint8Array, sink: Sink): Promise<number> {
  await throughProgram(what, XZ, NO_XZ, bytes, sink);
  return bytes.length;
}

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
async function gunzip(bytes: Uint8Array, sink: (piece: Uint8Array) => void): Promise<number> {
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

/** A block of `lz4 -l` unpacks to this much, the last one to less. */
const BLOCK = 8 << 20;
/** The compressed size of 8 MiB of incompressible data. */
const LARGEST = BLOCK + Math.floor(BLOCK / 255) + 16;
const MAGIC = 0x184c2102;

/** `lz4 -l`, the one format of lz4 that the kernel reads: a magic, then blocks, each behind its length. */
function unpackLz4(bytes: Uint8Array, sink: (piece: Uint8Array) => void): number {
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
    sink(block.subarray(0, unpackBlock(bytes.subarray(at, at + length), block)));
    at += length;
  }
  return bytes.length;
}
