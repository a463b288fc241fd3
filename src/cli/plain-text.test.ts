import { expect, test } from 'vitest';
import { PlainText } from './plain-text.ts';

const plain = (text: string) => {
  const filter = new PlainText();
  return [...text].map((sign) => filter.take(sign)).join('');
};

test.each([
  ['text is left as it is, carriage returns apart', 'one\r\ntwo\n', 'one\ntwo\n'],
  ['colours are left out', '\x1b[1;31mred\x1b[0m', 'red'],
  ['a terminal is set up', '\x1bc\x1b[?7l\x1b[2J\x1b[0mSea', 'Sea'],
  ['a word is shown in pieces, as SeaBIOS does', 'a\r\nb\r\nboo\x1b[03;03Hoted\r\n', 'a\nb\nbooted\n'],
  ['a line is written once more', 'Starting\rStarting...', 'Starting...'],
  ['a line is written over', 'Booting in 3s\b\b2s', 'Booting in 3s\nBooting in 2s'],
  ['a letter too many is written over, as SeaBIOS does', 'devii\x1b[1;5Hce', 'devii\ndevice'],
  ['a longer line stood there', 'loading\rdone', 'loading\ndone'],
  ['the cursor goes to the right', 'a\x1b[1;4Hb', 'a  b'],
  ['the cursor goes to another row', 'menu\x1b[5;1Hentry', 'menu\nentry'],
  ['the screen scrolls', `${'x\r\n'.repeat(30)}ab\x1b[25;2Hbc`, `${'x\n'.repeat(30)}abc`],
])('%s', (_what, text, shown) => {
  expect(plain(text)).toBe(shown);
});

test.each([
  ['a column beyond any screen', 'a\x1b[1;999999999Hb', 300],
  ['one that is none', 'a\x1b[1;-7Hb\x1b[1;1.5Hc\x1b[-1;?Hd', 10],
  ['a sequence that never ends', `a\x1b[${'1'.repeat(1000)}b`, 1001],
  ['a line that is written over at its end', `${'x'.repeat(100_000)}${'\bx\by'.repeat(10)}`, 110_000],
])('%s takes no more than a line of a screen', (_what, text, most) => {
  expect(plain(text).length).toBeLessThanOrEqual(most);
});

test('a line that is longer than a screen is shown whole', () => {
  const line = '0123456789'.repeat(200);

  expect(plain(`${line}\r\n${line}\n`)).toBe(`${line}\n${line}\n`);
});
