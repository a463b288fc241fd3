import { expect, test } from 'vitest';
import { least, shorten } from './shorten.ts';

const NEVER = Number.POSITIVE_INFINITY;

test('only what is needed is kept, wherever it stands', () => {
  const all = Array.from({ length: 100 }, (_, i) => i);
  const needed = [0, 41, 42, 99];

  const kept = shorten(all, (fewer) => needed.every((one) => fewer.includes(one)), NEVER);

  expect(kept).toEqual(needed);
});

test('when time is over, what is left is kept', () => {
  expect(shorten([1, 2, 3], () => true, 0)).toEqual([1, 2, 3]);
});

test('the least number for which something holds is found', () => {
  expect(least(1000, (number) => number >= 357)).toBe(357);
});
