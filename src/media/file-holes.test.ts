import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { bindFallocate } from './file.ts';

const koffi = createRequire(import.meta.url)('koffi');

/** The package koffi on a system whose C library has only these functions. */
const having = (...names: string[]) => ({
  load: () => ({
    func: (words: string) => {
      if (!names.some((name) => words.startsWith(`int ${name}(`))) throw new Error('no such function');
      return words;
    },
  }),
});

test('without the package koffi nothing makes holes', () => {
  const missing = () => {
    throw Object.assign(new Error(), { code: 'MODULE_NOT_FOUND' });
  };

  expect(bindFallocate(missing)).toBeNull();
});

test.each([
  [
    'with both names, the one whose offsets have 64 bits everywhere',
    ['fallocate', 'fallocate64'],
    'int fallocate64',
  ],
  ['with one name, that one', ['fallocate'], 'int fallocate('],
])('a C library %s', (_what, names, begin) => {
  expect(String(bindFallocate(() => having(...names)))).toContain(begin);
});

test('on a system that has no such call nothing makes holes', () => {
  expect(bindFallocate(() => having('posix_fallocate'))).toBeNull();
});

test('a descriptor that is not open gets no hole', () => {
  expect(bindFallocate(() => koffi)?.(-1, 3, 0, 512)).toBe(-1);
});
