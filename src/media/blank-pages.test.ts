import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlankPages } from './overlay.ts';

test('contains the pages of every range that was set, and no others', () => {
  // Three chunks of 65,536 pages, and part of one.
  const page = fc.nat(200_000);
  fc.assert(
    fc.property(fc.array(fc.tuple(page, page), { maxLength: 5 }), fc.array(page), (ranges, others) => {
      const blank = new BlankPages();
      for (const [from, to] of ranges) blank.set(from, to);
      const asked = [...others, ...ranges.flatMap(([from, to]) => [from - 1, from, to - 1, to])].filter(
        (one) => one >= 0,
      );
      const held = (one: number) => ranges.some(([from, to]) => from <= one && one < to);
      expect(asked.map((one) => blank.has(one))).toEqual(asked.map(held));
    }),
  );
});
