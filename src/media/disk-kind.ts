import { gunzipSync, constants as zlib } from 'node:zlib';
import { ARCHIVES, COMPRESSED, IMAGES, isKind, TAR } from './magics.ts';

/** Bytes at the beginning of a file that identify it: an image's header, and some of an archive. */
export const HEAD = 4096;
/** Bytes at its end. */
export const TAIL = 512;

/** A disk image that is not raw: its kind, and the command that makes a raw one of FILE. */
export interface DiskKind {
  readonly name: string;
  readonly command: string;
}

/** Formats that are recognised as compressed; without LZMA, since a raw disk may begin the same way. */
const PACKED = COMPRESSED.filter(({ format }) => format !== 'lzma');
/** The export format of Compute Engine: a tar.gz with this file. */
const EXPORTED = /^(?:\.\/)?disk\.raw$/;
/** Bytes of a tar member's name, its first field. */
const NAME = 100;

/**
 * The kind of an image, by its first `HEAD` and last `TAIL` bytes. An ISO is a raw image.
 *
 * @returns null for a raw or unknown one.
 */
export function diskKindOf(head: Uint8Array, tail: Uint8Array): DiskKind | null {
  const found = [...IMAGES, ...ARCHIVES].find((magic) => isKind(magic, head, tail));
  if (found !== undefined) return { name: found.is, command: found.convert };
  const packed = PACKED.find((magic) => isKind(magic, head));
  if (packed === undefined) return null;
  const { format, by } = packed;
  const member = format === 'gzip' ? memberOf(head) : null;
  if (member === null) return { name: `compressed with ${by}`, command: `${by} -dc FILE > disk.raw` };
  if (!EXPORTED.test(member)) return { name: 'a tar.gz', command: 'tar -xzf FILE' };
  return {
    name: 'a tar.gz with disk.raw, as Compute Engine exports it',
    command: `tar -xzf FILE ${member}`,
  };
}

/** The name of the first member of a tar.gz, from its beginning; null for another gzip file. */
function memberOf(head: Uint8Array): string | null {
  try {
    const begun = gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH });
    return isKind(TAR, begun) ? begun.toString('latin1', 0, NAME).replace(/\0.*$/s, '') : null;
  } catch {
    return null; // The compressed data is broken, as the command will report.
  }
}
