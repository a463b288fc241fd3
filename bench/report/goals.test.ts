import { describe, expect, test } from 'vitest';
import type { CellResult } from '../virtqueue/result.ts';
import { againstV86, GOALS, verdict } from './goals.ts';
import { rowsOf } from './rows.ts';

const ours: CellResult = {
  scenario: 'a',
  ring: 'split',
  indirect: false,
  copy: false,
  batch: 32,
  peer: 'guestrig',
  build: 'plain',
  nsPerChain: 20,
  ratioToC: 2,
  bytesAllocatedPerChain: 0,
};
const v86: CellResult = { ...ours, peer: 'v86', build: 'shipped', nsPerChain: 400 };
const rows = (...cells: CellResult[]) =>
  rowsOf({ device: '', node: '', rounds: 1, cells, summary: {} as never });

describe('against v86', () => {
  test('counts the cells that are five times faster, and names the nearest', () => {
    const copy = { scenario: 'd', copy: true };
    const cells = [ours, v86, { ...ours, ...copy, nsPerChain: 100 }, { ...v86, ...copy, nsPerChain: 499 }];

    expect(againstV86(rows(...cells))).toEqual({ cells: 1, of: 2, nearest: '5.0 in d, copy, batch 32' });
  });

  test('reports nothing without v86', () => {
    expect(againstV86(rows(ours, { ...v86, nsPerChain: null }))).toBeNull();
  });
});

test.each([
  [null, 'not measured'],
  [2, 'aim reached'],
  [2.15, 'holds'],
  [2.16, 'missed'],
])('a split walk of %s times C: %s', (value, said) => {
  expect(verdict(GOALS[0]!, value)).toBe(said);
});
