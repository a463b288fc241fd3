/** A kind of file, identified by bytes at an offset. */
export interface Magic {
  /** With its article, as the object of a sentence: `a qcow2 image`. */
  readonly is: string;
  /** Counted from the end if negative. */
  readonly at: number;
  /** The bytes, as latin1. */
  readonly bytes: string;
}

/** A shell command that converts FILE. */
interface Convertible extends Magic {
  readonly convert: string;
}

/** A compression that Linux uses, and the program that unpacks it. */
export const COMPRESSED = [
  { is: 'a gzip file', format: 'gzip', by: 'gzip', at: 0, bytes: '\x1f\x8b' },
  { is: 'an xz file', format: 'xz', by: 'xz', at: 0, bytes: '\xfd7zXZ\0' },
  { is: 'a Zstandard file', format: 'zstd', by: 'zstd', at: 0, bytes: '\x28\xb5\x2f\xfd' },
  { is: 'an LZ4 file', format: 'lz4', by: 'lz4', at: 0, bytes: '\x02\x21\x4c\x18' },
  // The kernel supports only lz4 -l.
  { is: 'an LZ4 file', format: 'lz4 frame', by: 'lz4', at: 0, bytes: '\x04\x22\x4d\x18' },
  { is: 'a bzip2 file', format: 'bzip2', by: 'bzip2', at: 0, bytes: 'BZh' },
  { is: 'an LZMA file', format: 'lzma', by: 'lzma', at: 0, bytes: '\x5d\0\0' },
  { is: 'an LZO file', format: 'lzo', by: 'lzop', at: 0, bytes: '\x89LZO' },
] as const;

const QEMU_IMG = 'qemu-img convert -O raw FILE disk.raw';

/** Disk images that are not raw. The more specific come first. */
export const IMAGES: readonly Convertible[] = [
  { is: 'a qcow image', at: 0, bytes: 'QFI\xfb\0\0\0\x01', convert: QEMU_IMG },
  { is: 'a qcow2 image', at: 0, bytes: 'QFI\xfb', convert: QEMU_IMG },
  { is: 'a QED image', at: 0, bytes: 'QED\0', convert: QEMU_IMG },
  { is: 'a VMDK image', at: 0, bytes: 'KDMV', convert: QEMU_IMG },
  { is: 'a VMDK image', at: 0, bytes: 'COWD', convert: QEMU_IMG },
  { is: 'the descriptor of a VMDK image', at: 0, bytes: '# Disk DescriptorFile', convert: QEMU_IMG },
  { is: 'a VDI image', at: 64, bytes: '\x7f\x10\xda\xbe', convert: QEMU_IMG },
  { is: 'a VHDX image', at: 0, bytes: 'vhdxfile', convert: QEMU_IMG },
  { is: 'a VHD image', at: 0, bytes: 'conectix', convert: QEMU_IMG },
  // qemu-img does not recognise a footer alone.
  {
    is: 'a VHD image of fixed size',
    at: -512,
    bytes: 'conectix',
    convert: 'qemu-img convert -f vpc -O raw FILE disk.raw',
  },
  {
    is: 'a DMG image',
    at: -512,
    bytes: 'koly',
    convert: 'qemu-img convert -f dmg -O raw FILE disk.raw',
  },
  { is: 'a Parallels image', at: 0, bytes: 'WithoutFreeSpace', convert: QEMU_IMG },
  { is: 'a Parallels image', at: 0, bytes: 'WithouFreSpacExt', convert: QEMU_IMG },
  {
    is: 'an Android sparse image',
    at: 0,
    bytes: '\x3a\xff\x26\xed',
    convert: 'simg2img FILE disk.raw',
  },
];

export const TAR: Convertible = { is: 'a tar archive', at: 257, bytes: 'ustar', convert: 'tar -xf FILE' };

export const ARCHIVES: readonly Convertible[] = [
  { is: 'a zip archive', at: 0, bytes: 'PK\x03\x04', convert: 'unzip FILE' },
  { is: 'a 7z archive', at: 0, bytes: '7z\xbc\xaf\x27\x1c', convert: '7z x FILE' },
  {
    is: 'a Debian package or another ar archive',
    at: 0,
    bytes: '!<arch>\n',
    convert: 'dpkg-deb -x FILE folder',
  },
  { is: 'an RPM package', at: 0, bytes: '\xed\xab\xee\xdb', convert: 'rpm2cpio FILE | cpio -id' },
  TAR,
];

export const INITRDS: readonly Magic[] = [
  { is: 'a cpio archive, as an initrd is', at: 0, bytes: '07070' },
  { is: 'a cpio archive', at: 0, bytes: '\xc7\x71' },
];

export const ELF: Magic = { is: 'an ELF file', at: 0, bytes: '\x7fELF' };
export const DOS: Magic = { is: 'a program for DOS', at: 0, bytes: 'MZ' };
/** At the offset in the DOS header. */
export const PE: Magic = { is: 'a program for EFI or Windows', at: 0, bytes: 'PE\0\0' };

/** Programs that are not Linux for x86. */
export const PROGRAMS: readonly Magic[] = [
  { is: 'a U-Boot image', at: 0, bytes: '\x27\x05\x19\x56' },
  { is: 'a device tree or a FIT image', at: 0, bytes: '\xd0\x0d\xfe\xed' },
  { is: 'a Linux kernel for Arm64', at: 56, bytes: 'ARMd' },
  { is: 'a Linux kernel for RISC-V', at: 56, bytes: 'RSC\x05' },
  { is: 'a script', at: 0, bytes: '#!' },
];

/** At its reset vector every PC BIOS has a far jump to F000:E05B. */
export const BIOS: Magic = { is: 'a BIOS image', at: -16, bytes: '\xea\x5b\xe0\x00\xf0' };

/** Raw disks. A disk has a boot sector signature whatever else it is. */
export const DISKS: readonly Magic[] = [
  { is: 'a squashfs file system', at: 0, bytes: 'hsqs' },
  { is: 'an ISO 9660 image', at: 0x8001, bytes: 'CD001' },
  { is: 'a disk image with a GPT', at: 512, bytes: 'EFI PART' },
  { is: 'an ext2, ext3 or ext4 file system', at: 1080, bytes: '\x53\xef' },
  { is: 'a disk image with a boot sector', at: 510, bytes: '\x55\xaa' },
];

/** @param tail its end, if `bytes` is only its beginning. */
export function isKind({ at, bytes: magic }: Magic, bytes: Uint8Array, tail: Uint8Array = bytes): boolean {
  const [where, from] = at < 0 ? [tail, tail.length + at] : [bytes, at];
  for (let i = 0; i < magic.length; i++) if (where[from + i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** A compression that Linux uses; those without a reader are only named. */
export type Format = (typeof COMPRESSED)[number]['format'];

/** The compression of `bytes`, or null if unknown. */
export function formatOf(bytes: Uint8Array): Format | null {
  return COMPRESSED.find((magic) => isKind(magic, bytes))?.format ?? null;
}
