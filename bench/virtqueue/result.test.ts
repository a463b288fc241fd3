import { describe, expect, test } from 'vitest';
import { type CellResult, geomean, median, summarize } from './result.ts';

const walk: CellResult = {
  scenario: 'b',
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
const packed: CellResult = { ...walk, ring: 'packed', ratioToC: 3 };
const copy: CellResult = { ...walk, copy: true, nsPerChain: 90, ratioToC: 4 };
const by = (cell: CellResult, peer: CellResult['peer'], nsPerChain: number | null): CellResult => ({
  ...cell,
  peer,
  build: 'native',
  nsPerChain,
  ratioToC: nsPerChain === null ? null : 1,
});

describe('the summary', () => {
  test('separates walks of each ring and copies of each build', () => {
    const second = { ...walk, batch: 256, ratioToC: 8 };
    const wasm = { ...copy, build: 'wasm', ratioToC: 1.5 };

    expect(summarize([walk, second, packed, copy, wasm])).toMatchObject({
      splitWalkGeomeanToC: expect.closeTo(4),
      packedWalkGeomeanToC: expect.closeTo(3),
      copyGeomeanToC: expect.closeTo(4),
      copyWasmGeomeanToC: expect.closeTo(1.5),
    });
  });

  test('counts the cells without copy in which rust-vmm is slower', () => {
    const slower = { ...walk, scenario: 'd', nsPerChain: 200 };
    const cells = [walk, slower, copy];
    const rust = [by(walk, 'rust-vmm', 60), by(slower, 'rust-vmm', 150), by(copy, 'rust-vmm', 100)];

    expect(summarize([...cells, ...rust])).toMatchObject({ fasterThanRustCells: 1, rustCells: 2 });
  });

  test('compares with v86 over walks and copies', () => {
    expect(summarize([walk, copy, by(walk, 'v86', 400), by(copy, 'v86', 450)]).v86GeomeanSpeedup).toBeCloseTo(
      10,
    );
  });

  test('reports nothing of a missing peer', () => {
    const cells = [{ ...walk, ratioToC: null }, by(walk, 'c', null), by(walk, 'rust-vmm', null)];

    expect(summarize(cells)).toEqual({
      splitWalkGeomeanToC: null,
      packedWalkGeomeanToC: null,
      copyGeomeanToC: null,
      copyWasmGeomeanToC: null,
      batchWalkGeomeanToC: null,
      batchCopyGeomeanToC: null,
      fasterThanRustCells: null,
      rustCells: null,
      v86GeomeanSpeedup: null,
      judgeOn: null,
    });
  });

  test('excludes the monitored cells, which repeat the work of b', () => {
    const monitored = { ...walk, scenario: 'b-monitored', ratioToC: 50 };

    expect(summarize([walk, monitored]).splitWalkGeomeanToC).toBeCloseTo(2);
  });

  test('reports the cost of the judge, over the rings', () => {
    const watched = { ...walk, scenario: 'b-monitored', nsPerChain: 24 };
    const watchedPacked = { ...packed, scenario: 'b-monitored', nsPerChain: 30 };

    expect(summarize([walk, packed, watched, watchedPacked]).judgeOn).toBeCloseTo(Math.sqrt(1.2 * 1.5));
  });
});

test('a geometric mean does not depend on the direction of ratios', () => {
  expect(geomean([2, 8])).toBeCloseTo(4);
  expect(geomean([1 / 2, 1 / 8])).toBeCloseTo(1 / 4);
});

test('a median is the middle in order of size', () => {
  expect(median([100, 9, 20])).toBe(20);
  expect(median([4, 1, 3, 100])).toBe(3.5);
});
