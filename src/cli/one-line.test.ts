import { expect, test } from 'vitest';
import { oneLine } from './run.ts';

test.each([
  ['lines become one', ' a\n\tb\r\nc ', 'a b c'],
  ['what moves a cursor is written out', 'a\x1b[2Jb', 'a\\u{1b}[2Jb'],
  ['what turns the writing is written out', 'a\u202eb', 'a\\u{202e}b'],
  ['a zero byte is written out', 'a\0b', 'a\\u{0}b'],
  ['half a character is written out', 'a\ud800b', 'a\\u{d800}b'],
  ['other characters are left', 'a → 漢', 'a → 漢'],
  ['600 characters are left', 'x'.repeat(600), 'x'.repeat(600)],
  [
    'of more its beginning and its end are left',
    `${'x'.repeat(400)}y${'z'.repeat(200)}`,
    `${'x'.repeat(400)} … ${'z'.repeat(200)}`,
  ],
])('%s', (_what, text, line) => {
  expect(oneLine(text)).toBe(`${line}\n`);
});
