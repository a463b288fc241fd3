import { describe, expect, test } from 'vitest';
import { fileKind } from './file-kind.ts';

/** 36 KiB of zeros but for `bytes` at `at`. */
function file(bytes: readonly number[] | string, at = 0): Uint8Array {
  const all = new Uint8Array(0x9000);
  all.set(typeof bytes === 'string' ? [...bytes].map((letter) => letter.charCodeAt(0)) : bytes, at);
  return all;
}

/** An ELF header: class, byte order, and the two bytes of e_machine. */
const elf = (wide: number, order: number, machine: readonly number[]) =>
  file([0x7f, 0x45, 0x4c, 0x46, wide, order, 1, ...new Array<number>(11).fill(0), ...machine]);

/** A PE header at 80h, for `machine`. */
function pe(machine: number): Uint8Array {
  const all = file('MZ');
  all[0x3c] = 0x80;
  all.set([0x50, 0x45, 0, 0, machine & 0xff, machine >> 8], 0x80);
  return all;
}

describe('a file is recognised by its first bytes', () => {
  test.each([
    ['a gzip file', file([0x1f, 0x8b, 8])],
    ['an xz file', file([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
    ['a Zstandard file', file([0x28, 0xb5, 0x2f, 0xfd])],
    ['a tar archive', file('ustar', 257)],
    ['a cpio archive, as an initrd is', file('070701')],
    ['a Debian package or another ar archive', file('!<arch>\n')],
    ['a qcow2 image', file('QFI\xfb')],
    ['a VMDK image', file('KDMV')],
    ['the descriptor of a VMDK image', file('# Disk DescriptorFile\n')],
    ['a VDI image', file([0x7f, 0x10, 0xda, 0xbe], 0x40)],
    ['a VHDX image', file('vhdxfile')],
    ['an ISO 9660 image', file('CD001', 0x8001)],
    ['a disk image with a GPT', file('EFI PART', 512)],
    ['an ext2, ext3 or ext4 file system', file([0x53, 0xef], 1080)],
    ['a disk image with a boot sector', file([0x55, 0xaa], 510)],
    ['a BIOS image', file([0xea, 0x5b, 0xe0, 0, 0xf0], 0x9000 - 16)],
    ['a VHD image of fixed size', file('conectix', 0x9000 - 512)],
    ['a text', new TextEncoder().encode('root=/dev/sda1 ro\n'.repeat(99))],
    ['a Linux kernel for Arm64', file('ARMd', 56)],
    ['an x86-64 ELF file', elf(2, 1, [62, 0])],
    ['an x86 ELF file', elf(1, 1, [3, 0])],
    ['an Arm64 ELF file', elf(2, 1, [183, 0])],
    ['a PowerPC64 ELF file', elf(2, 2, [0, 21])],
    ['another ELF file', elf(2, 1, [0x34, 0x12])],
    ['an x86-64 program for EFI or Windows', pe(0x8664)],
    ['an Arm64 program for EFI or Windows', pe(0xaa64)],
    ['a program for DOS', file('MZ')],
  ])('as %s', (is, bytes) => {
    expect(fileKind(bytes)?.is).toBe(is);
  });

  test.each([
    ['zeros', new Uint8Array(4096)],
    ['nothing', new Uint8Array(0)],
    ['a magic that was cut', file('QFI\xfb').subarray(0, 3)],
  ])('or is unknown: %s', (_what, bytes) => {
    expect(fileKind(bytes)).toBeNull();
  });
});

test('the advice is given with it', () => {
  const instead = [file([0x1f, 0x8b]), file('QFI\xfb'), file('ustar', 257), file('070701')].map(
    (it) => fileKind(it)?.instead,
  );

  expect(instead).toEqual([
    'gzip -dc FILE > kernel',
    'a BIOS boots a disk, with firmware in place of kernel',
    'tar -xf FILE',
    'an initrd stands beside a kernel',
  ]);
});
