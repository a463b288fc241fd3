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
