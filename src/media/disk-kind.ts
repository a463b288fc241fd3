import { gunzipSync, constants as zlib } from 'node:zlib';
import { type Format, formatOf } from './compression.ts';

/** As much of a file's beginning tells what it is: an image's header, and some of what is packed. */
export const HEAD = 4096;
/** And of its end. */
export const TAIL = 512;

/** What a disk image is that is not raw: its kind in words, and the command that makes a raw one, by its name. */
export interface DiskKind {
  readonly name: string;
  readonly command: (file: string) => string;
}

/** Where a kind is known by: bytes at a place, counted from the end where it is below 0. */
interface Magic extends DiskKind {
  readonly at: number;
  readonly bytes: string;
}

const convert = (file: string) => `qemu-img convert -O raw ${file} disk.raw`;
// A footer alone says nothing to qemu-img.
const convertVhd = (file: string) => `qemu-img convert -f vpc -O raw ${file} disk.raw`;
const convertDmg = (file: string) => `qemu-img convert -f dmg -O raw ${file} disk.raw`;

/** Bytes are those of latin1. */
const MAGICS: readonly Magic[] = [
  { at: 0, bytes: 'QFI\xfb\0\0\0\x01', name: 'a qcow image', command: convert },
  { at: 0, bytes: 'QFI\xfb', name: 'a qcow2 image', command: convert },
  { at: 0, bytes: 'QED\0', name: 'a QED image', command: convert },
  { at: 0, bytes: 'KDMV', name: 'a VMDK image', command: convert },
  { at: 0, bytes: 'COWD', name: 'a VMDK image', command: convert },
  { at: 0, bytes: '# Disk DescriptorFile', name: 'the descriptor of a VMDK image', command: convert },
  { at: 64, bytes: '\x7f\x10\xda\xbe', name: 'a VDI image', command: convert },
  { at: 0, bytes: 'vhdxfile', name: 'a VHDX image', command: convert },
  { at: 0, bytes: 'conectix', name: 'a VHD image', command: convert },
  { at: -TAIL, bytes: 'conectix', name: 'a VHD image of fixed size', command: convertVhd },
  { at: -TAIL, bytes: 'koly', name: 'a DMG image', command: convertDmg },
  { at: 0, bytes: 'WithoutFreeSpace', name: 'a Parallels image', command: convert },
  { at: 0, bytes: 'WithouFreSpacExt', name: 'a Parallels image', command: convert },
  {
    at: 0,
    bytes: '\x3a\xff\x26\xed',
    name: 'an Android sparse image',
    command: (file) => `simg2img ${file} disk.raw`,
  },
  { at: 0, bytes: 'PK\x03\x04', name: 'a zip archive', command: (file) => `unzip ${file}` },
  { at: 0, bytes: '7z\xbc\xaf\x27\x1c', name: 'a 7z archive', command: (file) => `7z x ${file}` },
  { at: 257, bytes: 'ustar', name: 'a tar archive', command: (file) => `tar -xf ${file}` },
];

/** What unpacks; `lzma` is left out: a raw disk may begin as it does. */
const UNPACKERS: Partial<Record<Format, string>> = {
  gzip: 'gzip',
  xz: 'xz',
  zstd: 'zstd',
  lz4: 'lz4',
  'lz4 frame': 'lz4',
  bzip2: 'bzip2',
  lzo: 'lzop',
};
/** What Compute Engine exports: a tar.gz with this in it. */
const EXPORTED = 'disk.raw';

/**
 * What an image is, by its first `HEAD` and last `TAIL` bytes. An ISO is a raw image.
 *
 * @returns null for a raw one, and for what nobody knows.
 */
export function diskKindOf(head: Uint8Array, tail: Uint8Array): DiskKind | null {
  const found = MAGICS.find(
    ({ at, bytes }) => textAt(at < 0 ? tail : head, Math.max(0, at), bytes.length) === bytes,
  );
  if (found !== undefined) return found;
  const format = formatOf(head);
  const unpacker = format === null ? undefined : UNPACKERS[format];
  if (unpacker === undefined) return null;
  if (format === 'gzip' && holdsExport(head))
    return {
      name: `a tar.gz with ${EXPORTED}, as Compute Engine exports it`,
      command: (file) => `tar -xzf ${file} ${EXPORTED}`,
    };
  return { name: `compressed with ${unpacker}`, command: (file) => `${unpacker} -dc ${file} > disk.raw` };
}

function holdsExport(head: Uint8Array): boolean {
  try {
    const begun = gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH });
    return textAt(begun, 257, 5) === 'ustar' && /^(\.\/)?disk\.raw\0/.test(textAt(begun, 0, 100));
  } catch {
    return false; // What is packed is broken; so the command will say.
  }
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
