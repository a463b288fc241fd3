import { expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';

const MIB = 1 << 20;
const CACHING = `081204${'00'.repeat(17)}`;
const BLOCKS_OF_1_MIB = '0000080000000200';

function sense(cdb: readonly number[], room: number, medium = new MemoryMedium(MIB)) {
  const unit = new LogicalUnit('disk0', medium);
  unit.takeAttention();
  const { sense, data } = ask((command) => unit.execute(command), new Command(), cdb, room);
  return { sense, hex: Buffer.from(data).toString('hex') };
}

test('page 3F is caching alone, 32 bytes in all: GCE begins 1f 00 00 08', () => {
  expect(sense([0x1a, 0, 0x3f, 0, 255], 255).hex).toBe(`1f000008${BLOCKS_OF_1_MIB}${CACHING}`);
});

test('Linux reads four bytes first', () => {
  expect(sense([0x1a, 0, 0x3f, 0, 4], 4).hex).toBe('1f000008');
});

test('all subpages of page 08 are page 08', () => {
  expect(sense([0x1a, 0, 0x08, 0xff, 255], 255).hex).toBe(`1f000008${BLOCKS_OF_1_MIB}${CACHING}`);
});

test('DBD leaves the block descriptor out', () => {
  expect(sense([0x1a, 0x08, 0x08, 0, 255], 255).hex).toBe(`17000000${CACHING}`);
});

test('MODE SENSE(10) has the longer header, and LLBAA changes nothing', () => {
  const expected = `0022000000000008${BLOCKS_OF_1_MIB}${CACHING}`;
  expect(sense([0x5a, 0x10, 0x08, 0, 0, 0, 0, 0, 255], 255).hex).toBe(expected);
});

test('nothing can be changed', () => {
  expect(sense([0x1a, 0x08, 0x48, 0, 255], 255).hex).toBe(`170000000812${'00'.repeat(18)}`);
});

test('a read-only medium is write protected in the header', () => {
  const medium = MemoryMedium.from(new Uint8Array(MIB), { readOnly: true });
  expect(sense([0x1a, 0, 0x3f, 0, 4], 4, medium).hex).toBe('1f008008');
});

test('a disk of 2 TiB has more blocks than fit the descriptor', () => {
  const medium = new MemoryMedium(2 ** 41);
  expect(sense([0x1a, 0, 0x08, 0, 255], 255, medium).hex.slice(8, 24)).toBe('ffffffff00000200');
});

test.each([
  ['control page 0A', [0x1a, 0, 0x0a, 0, 255], '5/24/00'],
  ['the IO hints that Linux asks for', [0x5a, 0x08, 0x0a, 0x05, 0, 0, 0, 2, 0], '5/24/00'],
  ['a subpage of caching', [0x1a, 0, 0x08, 1, 255], '5/24/00'],
  ['saved values', [0x1a, 0, 0xc8, 0, 255], '5/39/00'],
])('%s is refused', (_what, cdb, expected) => {
  expect(sense(cdb, 512).sense).toBe(expected);
});
