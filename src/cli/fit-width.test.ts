import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf, fitWidth } from './fit-width.ts';

test('a table is wrapped under the last column that begins in the left half', () => {
  expect(fitWidth('  pass  gce/NET-TRAFFIC  1567 frames out, 1567 back', 40)).toBe(
    '  pass  gce/NET-TRAFFIC  1567 frames\n        out, 1567 back',
  );
  expect(fitWidth('  pass  gce/NET-TRAFFIC  1567 frames out, 1567 back', 50)).toBe(
    '  pass  gce/NET-TRAFFIC  1567 frames out, 1567\n                         back',
  );
});

test('a word longer than a line is cut', () => {
  const path = '/long'.repeat(8);

  expect(fitWidth(`at ${path}`, 20)).toBe(
    `at ${path.slice(0, 17)}\n  ${path.slice(17, 35)}\n  ${path.slice(35)}`,
  );
});

describe('with any text and width', () => {
  const sign = fc.constantFrom('a', 'b', ' ', '  ', '\x1b[31m', '\x1b[0m', '\n', 'word');
  const text = fc.array(sign, { maxLength: 60 }).map((signs) => signs.join(''));

  test('no line is wider, and no word is lost', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 60 }), (given, width) => {
        const fitted = fitWidth(given, width);
        const bare = (of: string) => stripVTControlCharacters(of).replaceAll(/\s/g, '');
        const widest = Math.max(
          ...stripVTControlCharacters(fitted)
            .split('\n')
            .map(({ length }) => length),
        );
        const short = stripVTControlCharacters(given)
          .split('\n')
          .every(({ length }) => length <= width);

        expect(bare(fitted)).toBe(bare(given));
        expect(widest).toBeLessThanOrEqual(width);
        expect(short ? fitted : given).toBe(given);
      }),
    );
  });
});

test('a pipe gets it unchanged', () => {
  expect(fitWidth('x'.repeat(500), undefined)).toBe('x'.repeat(500));
});

test.each([
  ['a terminal of 80', { columns: 80 }, 80],
  ['a terminal without a size', { columns: 0 }, undefined],
  ['a pipe', {}, undefined],
])('%s has columns of its own, or none', (_what, stream, columns) => {
  expect(columnsOf(stream)).toBe(columns);
});
