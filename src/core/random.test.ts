import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from './random.ts';

/** From mulberry32 as published, computed apart from this code. */
test.each([
  [0, [1144304738, 1416247, 958946056, 627933444]],
  [1, [2693262067, 11749833, 2265367787, 4213581821]],
  [0xdead_beef, [4043151706, 1147597007, 3315858022, 1538288752]],
])('seed %i gives the known numbers', (seed, numbers) => {
  const random = new Random(seed);
  expect([random.next(), random.next(), random.next(), random.next()]).toEqual(numbers);
});

test('a seed is taken as 32 bits', () => {
  expect([new Random(-1).seed, new Random(-1).next()]).toEqual([0xffff_ffff, new Random(0xffff_ffff).next()]);
});

test('bytes are the low bytes of the numbers', () => {
  const bytes = new Uint8Array(4);
  new Random(1).fill(bytes);
  expect([...bytes]).toEqual([2693262067, 11749833, 2265367787, 4213581821].map((n) => n % 256));
});

test('below a limit there is every number and no other', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, limit) => {
      const random = new Random(seed);
      const drawn = new Set(Array.from({ length: 200 }, () => random.below(limit)));
      expect([...drawn].sort()).toEqual(Array.from({ length: limit }, (_, n) => n));
    }),
  );
});
