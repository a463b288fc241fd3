import { expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';

const READ_CAPACITY_10 = [0x25];
const READ_CAPACITY_16 = [0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32];

function read(cdb: readonly number[], bytes: number, room = 32) {
  const unit = new LogicalUnit('disk0', new MemoryMedium(bytes));
  unit.takeAttention();
  const { data } = ask((command) => unit.execute(command), new Command(), cdb, room);
  return Buffer.from(data).toString('hex');
}

test('READ CAPACITY(10) gives the last block and its length', () => {
  expect(read(READ_CAPACITY_10, 1 << 20)).toBe('000007ff00000200');
});

test('READ CAPACITY(16) adds physical blocks of 4096 bytes and provisioning', () => {
  expect(read(READ_CAPACITY_16, 1 << 20)).toBe(`00000000000007ff00000200${'0003c000'}${'00'.repeat(16)}`);
});

// FFFFFFFF means "use 16", so a disk whose last block is FFFFFFFF looks like a larger one.
test.each([
  [2 ** 32 - 1, 'fffffffe'],
  [2 ** 32, 'ffffffff'],
  [2 ** 32 + 1, 'ffffffff'],
])('of %d blocks READ CAPACITY(10) returns %s', (blocks, last) => {
  expect(read(READ_CAPACITY_10, blocks * 512).slice(0, 8)).toBe(last);
});

test('a short allocation length is no error', () => {
  const twelve = [...READ_CAPACITY_16.slice(0, 13), 12];
  expect(read(twelve, 1 << 20)).toBe('00000000000007ff00000200');
});
