import { expect, test } from 'vitest';
import { numberOf, signedOf, wholeOf, wordOf } from './commands.ts';

test.each([
  ['16', 16],
  ['0x10', 16],
  ['0X1f', 31],
  ['020', 16],
  ['0', 0],
  ['+7', 7],
  ['0xfedcba98', 0xfedcba98],
  ['4503599627370496', 2 ** 52],
  ['0x10000000000000', 2 ** 52],
  ['-1', 2 ** 64],
  ['0xffffffffffffffff', 2 ** 64],
])('%s is a number, as C parses it', (text, value) => {
  expect(numberOf(text)).toBe(value);
});

test.each(['', ' 1', '1 ', '1\r', '0x', '0xg', '09', '1e3', '1.5', '--1', '18446744073709551616', 'x'])(
  '%j is none',
  (text) => {
    expect([numberOf(text), wordOf(text), wholeOf(text)]).toEqual([Number.NaN, Number.NaN, null]);
  },
);

test('a missing word is not a number', () => {
  expect([numberOf(undefined), wordOf(undefined)]).toEqual([Number.NaN, Number.NaN]);
});

test('a word keeps the low 32 of its 64 exact bits', () => {
  expect([wordOf('0x123456789abcdef1'), wordOf('-1'), wordOf('0x100000001')]).toEqual([
    0x9abcdef1, 0xffff_ffff, 1,
  ]);
});

test('a whole number keeps all 64 bits, and a negative one wraps', () => {
  expect([wholeOf('0x123456789abcdef1'), wholeOf('-2')]).toEqual([
    0x123456789abcdef1n,
    0xffff_ffff_ffff_fffen,
  ]);
});

test.each([
  ['-5', -5],
  ['0x10', 16],
  ['--5', Number.NaN],
  ['0x20000000000001', Number.NaN],
])('%s has a sign', (text, value) => {
  expect(signedOf(text)).toBe(value);
});
