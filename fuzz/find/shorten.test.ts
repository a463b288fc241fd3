import { expect, test } from 'vitest';
import { least, shorten } from './shorten.ts';

const NEVER = Number.POSITIVE_INFINITY;

test('only needed elements are kept, at any position', () => {
  const all = Array.from({ length: 100 }, (_, i) => i);
  const needed = [0, 41, 42, 99];

  const kept = shorten(all, (fewer) => needed.every((one) => fewer.includes(one)), NEVER);

  expect(kept).toEqual(needed);
});

test('at the deadline, the remaining elements are kept', () => {
  expect(shorten([1, 2, 3], () => true, 0)).toEqual([1, 2, 3]);
});

test('the minimum number that satisfies a condition is found', () => {
  expect(least(1000, (number) => number >= 357)).toBe(357);
});
