import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleLines } from './visible.ts';

test.each([
  ['nic\n::error::gone', 'nic\\u{a}::error::gone'],
  ['\x1b[31mred', '\\u{1b}[31mred'],
  ['\x9b31mred', '\\u{9b}31mred'],
  ['a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
  ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
  ['a\u2028b', 'a\\u{2028}b'],
  ['\ud800', '\\u{d800}'],
  ['a\tb\rc', 'a\\u{9}b\\u{d}c'],
  ['::error::x', '\\u{3a}:error::x'],
  ['  ::set-output name=x::y', '  \\u{3a}:set-output name=x::y'],
  ['# a comment', '\\u{23} a comment'],
  ['a ##[error]b', 'a #\\u{23}[error]b'],
  ['a::b #1', 'a::b #1'],
  ['Zoë’s driver 𝄞', 'Zoë’s driver 𝄞'],
])('%j is shown escaped', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('text from outside becomes one line, and no command', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...':#[] \n\r\t\x1b\x9b\u202ea') }), (text) => {
      const shown = visible(text);
      return !/[\p{Cc}\p{Cf}]|^\s*(::|#)|##\[/u.test(shown);
    }),
  );
});

test('an error’s message keeps its lines', () => {
  expect(visibleLines('first\r\n::error::second\n\x07', '\n    ')).toBe(
    'first\n    \\u{3a}:error::second\n    \\u{7}',
  );
});
