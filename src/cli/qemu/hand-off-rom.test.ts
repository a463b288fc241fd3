import { expect, test } from 'vitest';
import { handOffRom } from './boot-on-qemu.ts';

const sumOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;

test('is an option ROM as a BIOS takes it: a signature, the stated number of blocks, and a sum of 0', () => {
  // As many functions as a bus has room for in addition to the board's: more than a block.
  const roms = [handOffRom([0x20]), handOffRom(Array.from({ length: 29 }, (_, i) => (i + 3) << 3))];

  expect(roms.map((rom) => [...rom.subarray(0, 3), rom.length, sumOf(rom)])).toEqual([
    [0x55, 0xaa, 1, 512, 0],
    [0x55, 0xaa, 2, 1024, 0],
  ]);
});

test('names Command of each function, with an address that is enabled', () => {
  const rom = Buffer.from(handOffRom([0x18, 0x20]));

  expect([
    rom.includes(Buffer.of(0xb8, 4, 0x18, 0, 0x80)),
    rom.includes(Buffer.of(0xb8, 4, 0x20, 0, 0x80)),
  ]).toEqual([true, true]);
});
