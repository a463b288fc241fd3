import { expect, test } from 'vitest';
import type { Chain, ChainSegment } from '../queue/virtqueue.ts';
import { overlaps } from './loan.ts';

type Piece = readonly [address: number, length: number];

function chainOf(read: readonly Piece[], written: readonly Piece[]): Chain {
  const parts = (pieces: readonly Piece[], writable: boolean) =>
    pieces.map(([address, length]): ChainSegment => ({ address, length, writable }));
  return { segments: () => [...parts(read, false), ...parts(written, true)] } as unknown as Chain;
}

test.each<[string, readonly Piece[], readonly Piece[], boolean]>([
  ['apart', [[0x1000, 16]], [[0x2000, 16]], false],
  ['side by side', [[0x1000, 16]], [[0x1010, 16]], false],
  ['in one byte', [[0x1000, 17]], [[0x1010, 16]], true],
  ['the one inside the other', [[0x1000, 0x1000]], [[0x1800, 16]], true],
  ['the other inside the one', [[0x1800, 16]], [[0x1000, 0x1000]], true],
  ['the same', [[0x1000, 16]], [[0x1000, 16]], true],
  [
    'met only by the longer of two to read',
    [
      [0x1000, 0x1000],
      [0x1100, 1],
    ],
    [[0x1800, 16]],
    true,
  ],
  [
    'read alone, over each other',
    [
      [0x1000, 16],
      [0x1008, 16],
    ],
    [[0x2000, 16]],
    false,
  ],
])('buffers to read and to write that are %s', (_how, read, written, overlap) => {
  expect(overlaps(chainOf(read, written))).toBe(overlap);
});

test('is decided without comparing each buffer with each', () => {
  const many = 1000;
  let looks = 0;
  const parts = Array.from({ length: 2 * many }, (_, i) => ({
    get address() {
      looks++;
      return i * 16;
    },
    length: 8,
    writable: i >= many,
  }));
  expect(overlaps({ segments: () => parts } as unknown as Chain)).toBe(false);
  // n log n of 2000 is about 22,000, with two looks at each comparison; each with each are a million.
  expect(looks).toBeLessThan(60_000);
});
