/** What a file is, by its first bytes. */
interface FileKind {
  /** With its article, as the object of a sentence: `a gzip file`. */
  readonly is: string;
  /** What makes of FILE what is wanted, where something does: `gunzip FILE`. */
  readonly convert?: string;
}

interface Magic extends FileKind {
  readonly at: number;
  readonly bytes: readonly number[] | string;
}

const MZ = 'MZ';
/** Where a program for DOS says where its PE header is. */
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

const raw = (format: string) => `qemu-img convert -f ${format} -O raw FILE disk.img`;

/** The more exact before the less: a disk has the mark of its boot sector whatever else it is. */
const MAGICS: readonly Magic[] = [
  { is: 'a gzip file', at: 0, bytes: [0x1f, 0x8b], convert: 'gunzip FILE' },
  { is: 'an xz file', at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], convert: 'unxz FILE' },
  { is: 'a Zstandard file', at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], convert: 'unzstd FILE' },
  { is: 'a bzip2 file', at: 0, bytes: 'BZh', convert: 'bunzip2 FILE' },
  { is: 'an LZ4 file', at: 0, bytes: [0x04, 0x22, 0x4d, 0x18], convert: 'unlz4 FILE' },
  { is: 'an LZ4 file', at: 0, bytes: [0x02, 0x21, 0x4c, 0x18], convert: 'unlz4 FILE' },
  { is: 'an LZMA file', at: 0, bytes: [0x5d, 0x00, 0x00], convert: 'unlzma FILE' },
  { is: 'a zip archive', at: 0, bytes: 'PK\x03\x04', convert: 'unzip FILE' },
  { is: 'a 7z archive', at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], convert: '7z x FILE' },
  {
    is: 'a Debian package or another ar archive',
    at: 0,
    bytes: '!<arch>\n',
    convert: 'dpkg-deb -x FILE folder',
  },
  { is: 'an RPM package', at: 0, bytes: [0xed, 0xab, 0xee, 0xdb], convert: 'rpm2cpio FILE | cpio -id' },
  { is: 'a cpio archive, as an initrd is', at: 0, bytes: '07070' },
  { is: 'a cpio archive', at: 0, bytes: [0xc7, 0x71] },
  { is: 'a tar archive', at: 257, bytes: 'ustar', convert: 'tar -xf FILE' },
  { is: 'a qcow2 disk', at: 0, bytes: 'QFI\xfb', convert: raw('qcow2') },
  { is: 'a VMDK disk', at: 0, bytes: 'KDMV', convert: raw('vmdk') },
  { is: 'the description of a VMDK disk', at: 0, bytes: '# Disk DescriptorFile', convert: raw('vmdk') },
  { is: 'a VDI disk', at: 0x40, bytes: [0x7f, 0x10, 0xda, 0xbe], convert: raw('vdi') },
  { is: 'a VHDX disk', at: 0, bytes: 'vhdxfile', convert: raw('vhdx') },
  { is: 'a VHD disk', at: 0, bytes: 'conectix', convert: raw('vpc') },
  { is: 'a U-Boot image', at: 0, bytes: [0x27, 0x05, 0x19, 0x56] },
  { is: 'a device tree or a FIT image', at: 0, bytes: [0xd0, 0x0d, 0xfe, 0xed] },
  { is: 'a Linux kernel for Arm64', at: 56, bytes: 'ARMd' },
  { is: 'a Linux kernel for RISC-V', at: 56, bytes: 'RSC\x05' },
  { is: 'a script', at: 0, bytes: '#!' },
  { is: 'a squashfs file system', at: 0, bytes: 'hsqs' },
  { is: 'an ISO 9660 image', at: 0x8001, bytes: 'CD001' },
  { is: 'a disk image with a GPT', at: 512, bytes: 'EFI PART' },
  { is: 'an ext2, ext3 or ext4 file system', at: 1080, bytes: [0x53, 0xef] },
  { is: 'a disk image with a boot sector', at: 510, bytes: [0x55, 0xaa] },
];

/**
 * What a file is that is not what was wanted: compressed, an archive, a disk in a format of its own, a program for
 * another machine. It looks at no more than the first 33 KiB.
 *
 * @example
 * fileKind(readFileSync('vmlinux.gz'));       // { is: 'a gzip file', convert: 'gunzip FILE' }
 *
 * @returns null for what it does not know.
 */
export function fileKind(bytes: Uint8Array): FileKind | null {
  const program = elfKind(bytes) ?? peKind(bytes);
  if (program !== null) return { is: program };
  return MAGICS.find((magic) => has(bytes, magic.at, magic.bytes)) ?? null;
}

function elfKind(bytes: Uint8Array): string | null {
  if (!has(bytes, 0, '\x7fELF')) return null;
  const bigEndian = bytes[5] === 2;
  const machine = (bytes[bigEndian ? 19 : 18] ?? 0) | ((bytes[bigEndian ? 18 : 19] ?? 0) << 8);
  return `${ELF_MACHINES[machine] ?? 'another'} ELF file`;
}

function peKind(bytes: Uint8Array): string | null {
  if (!has(bytes, 0, MZ)) return null;
  const at = word(bytes, PE_AT) | (word(bytes, PE_AT + 2) << 16);
  if (!has(bytes, at, 'PE\0\0')) return 'a program for DOS';
  const machine = word(bytes, at + 4);
  return `${PE_MACHINES[machine] ?? 'another'} program for EFI or Windows`;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function has(bytes: Uint8Array, at: number, magic: readonly number[] | string): boolean {
  const wanted = typeof magic === 'string' ? [...magic].map((letter) => letter.charCodeAt(0)) : magic;
  return wanted.every((byte, i) => bytes[at + i] === byte);
}
