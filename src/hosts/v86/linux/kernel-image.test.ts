import { describe, expect, test } from 'vitest';
import { bzImageOf, elfOf } from '../kernel-rig.ts';
import { readKernel } from './kernel-image.ts';

const CODE = [0xf4, 0xeb, 0xfd];
const WIDE = 'kernel: is a 64-bit kernel, and v86 has a 32-bit CPU';
const UNKNOWN = 'kernel: is no Linux kernel for x86 (a vmlinux or a bzImage)';

describe('a kernel', () => {
  test('in ELF goes where its program headers say, with room for what follows its bytes', () => {
    const { pieces, entry, end } = readKernel(elfOf(CODE));

    expect([entry, end]).toEqual([0x10_0000, 0x10_0000 + CODE.length + 4096]);
    expect(pieces.map(({ at, bytes, size }) => [at, [...bytes], size])).toEqual([
      [0x10_0000, CODE, CODE.length + 4096],
    ]);
  });

  test('in a bzImage goes to 1 MiB without its setup sectors', () => {
    const { pieces, entry } = readKernel(bzImageOf(CODE));

    expect([entry, pieces[0]!.at, [...pieces[0]!.bytes.subarray(0, 3)]]).toEqual([
      0x10_0000,
      0x10_0000,
      CODE,
    ]);
  });

  test.each([
    ['an ELF file of class 64', elfOf(CODE, { class: 2 }), WIDE],
    ['a bzImage with a 64-bit entry', bzImageOf(CODE, 1), WIDE],
    ['an ELF file for another machine', elfOf(CODE, { machine: 40 }), UNKNOWN],
    ['an ELF file that was cut', elfOf(CODE, { beyond: 1 }), UNKNOWN],
    ['a bzImage that was cut', bzImageOf(CODE).subarray(0, 3 * 512 - 1), UNKNOWN],
    ['a header that was cut', elfOf(CODE).subarray(0, 20), UNKNOWN],
    ['an empty file', new Uint8Array(0), UNKNOWN],
    ['a disk', new Uint8Array(4096), UNKNOWN],
  ])('%s is refused in one line', (_what, bytes, said) => {
    expect(() => readKernel(bytes)).toThrow(said);
  });
});
