import { match } from 'ts-pattern';
import xz from 'xz-decompress';
import { MisuseError } from '../../core/misuse.ts';
import { type Format, formatOf } from '../../media/compression.ts';
import { Budget } from './budget.ts';
import { gunzip } from './gzip.ts';
import { unpackLz4 } from './lz4.ts';
import { X86Filter } from './x86-filter.ts';
import { hasX86Filter, withoutX86Filter } from './xz-x86.ts';
import { unzstd } from './zstd.ts';

/** Takes unpacked data, piece by piece; a piece is valid until it returns. */
type Sink = (piece: Uint8Array) => void;

/**
 * Unpacks gzip, xz, zstd or lz4 (as `lz4 -l` writes it). Memory does not grow with the output.
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
    .with('xz', () => unxz)
    .with('zstd', () => unzstd)
    .with('lz4', () => unpackLz4)
    .with('lz4 frame', 'bzip2', 'lzma', 'lzo', (name) => {
      throw new MisuseError(what, name, '', `is compressed with ${name}, which the audit does not read`);
    })
    .with(null, () => {
      throw new MisuseError(what, '', '', 'is compressed in no known way');
    })
    .exhaustive();
}

async function unxz(bytes: Uint8Array, sink: Sink): Promise<number> {
  if (!hasX86Filter(bytes)) {
    await readXz(bytes, sink);
    return bytes.length;
  }
  for (const block of withoutX86Filter(bytes)) {
    const filter = new X86Filter(sink);
    await readXz(block, (piece) => filter.push(piece));
    filter.end();
  }
  return bytes.length;
}

async function readXz(bytes: Uint8Array, sink: Sink): Promise<void> {
  const packed = new ReadableStream<Uint8Array>({
    start: (controller) => {
      // Its memory becomes the stream's own.
      controller.enqueue(bytes.slice());
      controller.close();
    },
  });
  const stream = new xz.XzReadableStream(packed).getReader();
  try {
    for (let { done, value } = await stream.read(); !done; { done, value } = await stream.read())
      sink(value!);
  } catch (error) {
    // One stream at a time is unpacked, and one that was not finished would block all others.
    await stream.cancel().catch(() => {});
    throw error;
  }
}
