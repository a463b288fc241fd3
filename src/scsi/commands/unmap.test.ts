import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';
import { UNMAP_DESCRIPTOR, UNMAP_LIST } from './registers.ts';

const BLOCK = 512;
const CAPACITY = 2 ** 21;

function parameterList(...ranges: readonly (readonly [lba: number, blocks: number])[]): Uint8Array {
  const list = new Uint8Array(8 + 16 * ranges.length);
  UNMAP_LIST.encode({ length: list.length - 2, descriptors: 16 * ranges.length }, list);
  ranges.forEach(([lba, blocks], i) => {
    UNMAP_DESCRIPTOR.encode({ lba: BigInt(lba), blocks }, list, 8 + 16 * i);
  });
  return list;
}

function unmap(list: Uint8Array, length = list.length) {
  const medium = new MemoryMedium(CAPACITY * BLOCK);
  medium.write(0, new Uint8Array(64 * BLOCK).fill(1), 0, 64 * BLOCK);
  const unit = new LogicalUnit('disk0', medium);
  unit.takeAttention();
  const cdb = [0x42, 0, 0, 0, 0, 0, 0, length >> 8, length & 0xff];
  const command = new Command();
  const { sense } = ask((one) => unit.execute(one), command, cdb, 0, list);
  const left = new Uint8Array(64 * BLOCK);
  medium.read(0, left, 0, left.length);
  return { sense, command, first: Array.from({ length: 24 }, (_, i) => left[i * BLOCK]) };
}

const ALL_ONES = new Array(24).fill(1);

test('the ranges read as zeros afterwards, and nothing else does', () => {
  const { sense, first } = unmap(parameterList([8, 4], [20, 2]));
  expect(sense).toBe('');
  expect(first.map((value, lba) => (value === 0 ? lba : -1)).filter((lba) => lba >= 0)).toEqual([
    8, 9, 10, 11, 20, 21,
  ]);
});

describe('there is nothing to do', () => {
  test.each([
    ['no parameter list', new Uint8Array()],
    ['no descriptors', parameterList()],
    ['no blocks, at the end of the disk', parameterList([CAPACITY, 0])],
    ['half a descriptor', parameterList([0, 1]).subarray(0, 16)],
    ['255 descriptors', parameterList(...new Array(255).fill([0, 0]))],
  ])('%s', (_what, list) => {
    const { sense, first } = unmap(list);
    expect([sense, first]).toEqual(['', ALL_ONES]);
  });
});

describe('nothing is unmapped', () => {
  test.each([
    ['a list of 7 bytes', new Uint8Array(7), '5/1a/00'],
    ['a range past the end, after a good one', parameterList([0, 8], [CAPACITY - 1, 2]), '5/21/00'],
    ['256 descriptors', parameterList(...new Array(256).fill([0, 1])), '5/26/00'],
    ['more than 2^20 blocks in all', parameterList([0, 2 ** 19], [2 ** 19, 2 ** 19 + 1]), '5/26/00'],
  ])('%s', (_what, list, expected) => {
    const { sense, first } = unmap(list);
    expect([sense, first]).toEqual([expected, ALL_ONES]);
  });

  test('a list longer than the received data', () => {
    const { command, first } = unmap(parameterList([0, 8]), 40);
    expect([command.overrun, command.expected, first]).toEqual([true, 40, ALL_ONES]);
  });
});
