import { gunzipSync, constants as zlib } from 'node:zlib';
import { ARCHIVES, COMPRESSED, IMAGES, isKind, TAR } from './magics.ts';

/** As much of a file's beginning tells what it is: an image's header, and some of what is packed. */
export const HEAD = 4096;
/** And of its end. */
export const TAIL = 512;

/** What a disk image is that is not raw: its kind in words, and the command that makes a raw one of FILE. */
export interface DiskKind {
  readonly name: string;
  readonly command: string;
}

/** What unpacks; LZMA is left out: a raw disk may begin as it does. */
const PACKED = COMPRESSED.filter(({ format }) => format !== 'lzma');
/** What Compute Engine exports: a tar.gz with this in it. */
const EXPORTED = /^(?:\.\/)?disk\.raw$/;
/** Bytes of a tar member's name, its first. */
const NAME = 100;

/**
 * What an image is, by its first `HEAD` and last `TAIL` bytes. An ISO is a raw image.
 *
 * @returns null for a raw one, and for what nobody knows.
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

/** The name of the first member of a tar.gz, by its beginning; null for another gzip file. */
function memberOf(head: Uint8Array): string | null {
  try {
    const begun = gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH });
    return isKind(TAR, begun) ? begun.toString('latin1', 0, NAME).replace(/\0.*$/s, '') : null;
  } catch {
    return null; // What is packed is broken; so the command will say.
  }
}
