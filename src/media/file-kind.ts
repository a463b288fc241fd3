import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync, constants as zlib } from 'node:zlib';
import { withFile, wrongFile } from './file-errors.ts';
import {
  ARCHIVES,
  BIOS,
  COMPRESSED,
  DISKS,
  DOS,
  ELF,
  IMAGES,
  INITRDS,
  isKind,
  type Magic,
  PE,
  PROGRAMS,
  TAR,
} from './magics.ts';

/** The kind of a file, by its bytes. */
interface FileKind {
  /** With its article, as the object of a sentence: `a gzip file`. */
  readonly is: string;
  /** How to boot what is in FILE: `gzip -dc FILE > kernel`. */
  readonly instead?: string;
}

/** Offset, in a DOS program, of the offset of its PE header. */
const PE_AT = 0x3c;
/** e_machine of ELF. */
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: 'an x86',
  8: 'a MIPS',
  20: 'a PowerPC',
  21: 'a PowerPC64',
  40: 'an Arm',
  62: 'an x86-64',
  183: 'an Arm64',
  243: 'a RISC-V',
  258: 'a LoongArch',
};
/** Machine of a PE header. */
const PE_MACHINES: Readonly<Record<number, string>> = {
  332: 'an x86',
  448: 'an Arm',
  34404: 'an x86-64',
  43620: 'an Arm64',
  20580: 'a RISC-V',
  25188: 'a LoongArch',
};

const BY_A_BIOS = 'a BIOS boots a disk, with firmware in place of kernel';

/** The more specific first. */
const KINDS: readonly (Magic & FileKind)[] = [
  ...COMPRESSED.map((magic) => ({ ...magic, instead: `${magic.by} -dc FILE > kernel` })),
  ...ARCHIVES.map((magic) => ({ ...magic, instead: magic.convert })),
  ...INITRDS.map((magic) => ({ ...magic, instead: 'an initrd stands beside a kernel' })),
  ...IMAGES.map((magic) => ({ ...magic, instead: BY_A_BIOS })),
  ...PROGRAMS,
  { ...BIOS, instead: 'it is firmware, in place of a kernel' },
  ...DISKS.map((magic) => ({ ...magic, instead: BY_A_BIOS })),
];
/** A text begins with at least so many of these bytes and no others; only its beginning is checked. */
const TEXT = /^[\t\n\r\x20-\x7e]{4,}$/;
const TEXT_LOOKED_AT = 512;

/**
 * Identifies a file that is no kernel: compressed, an archive, a disk, a program for another machine.
 *
 * @example
 * fileKind(readFileSync('vmlinux.gz'));       // { is: 'a gzip file', instead: 'gzip -dc FILE > kernel' }
 *
 * @returns null for an unknown kind.
 */
export function fileKind(bytes: Uint8Array): FileKind | null {
  const program = elfKind(bytes) ?? peKind(bytes);
  if (program !== null) return { is: program };
  const { is, instead } = KINDS.find((magic) => isKind(magic, bytes)) ?? textKind(bytes) ?? {};
  if (is === undefined) return null;
  return instead === undefined ? { is } : { is, instead };
}

function textKind(bytes: Uint8Array): FileKind | null {
  const begin = String.fromCharCode(...bytes.subarray(0, TEXT_LOOKED_AT));
  return TEXT.test(begin) ? { is: 'a text' } : null;
}

function elfKind(bytes: Uint8Array): string | null {
  if (!isKind(ELF, bytes)) return null;
  const bigEndian = bytes[5] === 2;
  const machine = (bytes[bigEndian ? 19 : 18] ?? 0) | ((bytes[bigEndian ? 18 : 19] ?? 0) << 8);
  return `${ELF_MACHINES[machine] ?? 'another'} ELF file`;
}

function peKind(bytes: Uint8Array): string | null {
  if (!isKind(DOS, bytes)) return null;
  const at = word(bytes, PE_AT) | (word(bytes, PE_AT + 2) << 16);
  if (!isKind({ ...PE, at }, bytes)) return 'a program for DOS';
  const machine = word(bytes, at + 4);
  return `${PE_MACHINES[machine] ?? 'another'} program for EFI or Windows`;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Bytes at the beginning of a file that identify it: an image's header, and some of an archive. */
export const HEAD = 4096;
/** Bytes at its end. */
const TAIL = 512;

/** A disk image that is not raw: its kind, and the command that makes a raw one of FILE. */
interface DiskKind {
  readonly name: string;
  readonly command: string;
}

/** Formats that are recognised as compressed; without LZMA, since a raw disk may begin the same way. */
const PACKED = COMPRESSED.filter(({ format }) => format !== 'lzma');
/** The export format of Compute Engine: a tar.gz with this file. */
export const EXPORTED = /^(?:\.\/)?disk\.raw$/;
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

/**
 * Refuses a disk image that is not raw.
 *
 * @throws MisuseError in one line with the command that converts it. Other errors are left to the code that opens the
 * file.
 */
export function checkRaw(path: string): void {
  const kind = kindOf(path);
  if (kind === null) return;
  throw wrongFile('disk', path, `is ${kind.name}, and not raw. Do: ${withFile(kind.command, path)}`);
}

/** The kind of the image in a file; null for a raw or unknown one, or a file that cannot be read. */
export function kindOf(path: string): DiskKind | null {
  let fd: number;
  try {
    if (statSync(path).isFile() === false) return null;
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = statSync(path);
    return diskKindOf(part(fd, 0, HEAD), part(fd, Math.max(0, size - TAIL), TAIL));
  } finally {
    closeSync(fd);
  }
}

/** Fewer bytes at the end of the file, or if it cannot be read. */
function part(fd: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
  } catch {
    return bytes.subarray(0, 0);
  }
}
