import { describe, expect, test } from 'vitest';
import { bzImageOf, elfOf } from '../kernel-rig.ts';
import { readKernel } from './load-linux.ts';

const CODE = [0xf4, 0xeb, 0xfd];
const NO = 'no kernel for x86 (a vmlinux, a bzImage or a Multiboot kernel)';
const UNKNOWN = `is ${NO}`;

/** A file that begins with this, or contains it at some offset. */
function fileOf(begin: readonly number[] | string, at = 0): Uint8Array {
  const file = new Uint8Array(0x9000);
  file.set(typeof begin === 'string' ? new TextEncoder().encode(begin) : begin, at);
  return file;
}

/** An ELF file with its one program header twice. */
function twice(elf: Uint8Array): Uint8Array {
  const file = Buffer.concat([elf.subarray(0, 84), elf.subarray(52)]);
  file.writeUInt16LE(2, 44);
  return file;
}

describe('a kernel', () => {
  test('in ELF is loaded where its program headers say, with its zeros behind', () => {
    const { pieces, entry, end } = readKernel(elfOf(CODE));

    expect([entry, end]).toEqual([0x10_0000, 0x10_0000 + CODE.length + 4096]);
    expect(pieces.map(({ at, bytes, size }) => [at, [...bytes], size])).toEqual([
      [0x10_0000, CODE, CODE.length + 4096],
    ]);
  });

  test('in ELF may give the virtual address of its entry', () => {
    const elf = elfOf(CODE, { entry: 0xc010_0002 });
    new DataView(elf.buffer).setUint32(52 + 8, 0xc010_0000, true);

    expect(readKernel(elf).entry).toBe(0x10_0002);
  });

  test('in a bzImage goes to 1 MiB without its setup sectors', () => {
    const { pieces, entry } = readKernel(bzImageOf(CODE));

    expect([entry, pieces[0]!.at, [...pieces[0]!.bytes.subarray(0, 3)]]).toEqual([
      0x10_0000,
      0x10_0000,
      CODE,
    ]);
  });

  test('in a bzImage may end within the last of the paragraphs that are counted', () => {
    const { pieces } = readKernel(bzImageOf(CODE).subarray(0, 3 * 512 - 15));

    expect(pieces[0]!.bytes.length).toBe(497);
  });

  test('in a bzImage needs the room that its header gives, from protocol 2.10 on', () => {
    const init_size = 1 << 20;

    expect(readKernel(bzImageOf(CODE, { init_size })).end).toBe(0x20_0000);
    expect(readKernel(bzImageOf(CODE, { init_size, version: 0x0209 })).end).toBe(0x10_0000 + 512);
  });

  test.each([
    [
      'an ELF file for x86-64',
      elfOf(CODE, { class: 2, machine: 62 }),
      "is an x86-64 ELF file, and v86 has a 32-bit CPU: take a kernel for i386, as Debian's linux-image-686",
    ],
    [
      'a bzImage with a 64-bit entry',
      bzImageOf(CODE, { xloadflags: 1 }),
      "is an x86-64 bzImage, and v86 has a 32-bit CPU: take a kernel for i386, as Debian's linux-image-686",
    ],
    [
      'a bzImage without a 32-bit entry, as of iPXE',
      bzImageOf(CODE, { code32_start: 0, version: 0x0207 }),
      "has no 32-bit entry (code32_start is 0), as iPXE's lkrn: it wants a BIOS that loads it from a disk",
    ],
    ['an ELF file for another machine', elfOf(CODE, { machine: 40 }), `is an Arm ELF file, and ${NO}`],
    ['a header that was cut', elfOf(CODE).subarray(0, 20), `is an x86 ELF file, and ${NO}`],
    ['a compressed kernel', fileOf([0x1f, 0x8b, 8]), `is a gzip file, and ${NO}: gzip -dc FILE > kernel`],
    [
      'an initrd',
      fileOf('070701'),
      `is a cpio archive, as an initrd is, and ${NO}: an initrd stands beside a kernel`,
    ],
    [
      'a disk with a boot sector',
      fileOf([0x55, 0xaa], 510),
      `is a disk image with a boot sector, and ${NO}: a BIOS boots a disk, with firmware in place of kernel`,
    ],
    ['a text', fileOf('#', 0x9000 - 1).fill(0x20), `is a text, and ${NO}`],
    ['an empty file', new Uint8Array(0), UNKNOWN],
    ['a disk', new Uint8Array(4096), UNKNOWN],
    [
      'a bzImage of protocol 2.05',
      bzImageOf(CODE, { version: 0x0205 }),
      'has boot protocol 2.05, and 2.06 is the oldest that is started',
    ],
    [
      'a program header of no byte',
      elfOf(CODE, { phentsize: 0 }),
      'has an e_phentsize of 0, and a program header has 32 bytes',
    ],
    [
      'a program header of 33 bytes',
      elfOf(CODE, { phentsize: 33 }),
      'has an e_phentsize of 33, and a program header has 32 bytes',
    ],
    ['no segment', elfOf(CODE, { phnum: 0 }), 'has no segment that is to be loaded'],
    [
      '65,535 program headers',
      elfOf(CODE, { phnum: 0xffff }),
      'has program headers beyond the end of its file',
    ],
    ['a segment that was cut', elfOf(CODE, { beyond: 1 }), 'has a segment 0 beyond the end of its file'],
    [
      'a segment with less room than bytes',
      elfOf(CODE, { room: -1 }),
      'has a segment 0 with more bytes in the file (3) than in memory (2)',
    ],
    [
      'a segment on the tables of its loader',
      elfOf(CODE, { at: 0x1_0000 }),
      'has a segment 0 at 00010000, below 1 MiB',
    ],
    [
      'an entry behind its segment',
      elfOf(CODE, { entry: 0x10_0000 + 3 + 4096 }),
      'has an e_entry of 00101003, which lies in no segment',
    ],
    ['two segments in one place', twice(elfOf(CODE)), 'has segments that overlap at 00100000'],
    ['a zImage', bzImageOf(CODE, { loadflags: 0 }), 'is a zImage, and a bzImage is wanted'],
    [
      'a bzImage without its last paragraph',
      bzImageOf(CODE).subarray(0, 3 * 512 - 16),
      'was cut off: of 512 bytes of code 496 are there',
    ],
    [
      'a bzImage of more code than there is',
      bzImageOf(CODE, { syssize: 0xffff_ffff }),
      'was cut off: of 68719476720 bytes of code 512 are there',
    ],
    [
      'a bzImage of nothing but setup',
      bzImageOf(CODE, { setup_sects: 255 }),
      'was cut off within its 255 sectors of setup',
    ],
    [
      'a payload that was cut',
      bzImageOf(CODE, { payload_length: 513 }),
      'has a payload beyond the end of its file',
    ],
  ])('%s is refused in one line', (_what, bytes, said) => {
    expect(() => readKernel(bytes)).toThrow(`kernel: ${said}`);
  });
});
