import { expect, test } from 'vitest';
import { MisuseError } from './misuse.ts';

test.each([
  ['42:01', '"42:01" is not six hex bytes'],
  [undefined, 'undefined is not six hex bytes'],
  [5n, '5n is not six hex bytes'],
  [() => 5, 'a function is not six hex bytes'],
  [[1, { a: null }], '[1,{"a":null}] is not six hex bytes'],
])('says what was found and what was expected: %s', (value, said) => {
  const error = new MisuseError('nics[0].mac', value, 'six hex bytes');
  expect([error.message, error.path, error.value]).toEqual([`nics[0].mac: ${said}`, 'nics[0].mac', value]);
});

test('can be told from errors of other kinds', () => {
  const error = new MisuseError('disk', 0, '', 'no such file');
  expect([error.name, error instanceof Error, error.message]).toEqual([
    'MisuseError',
    true,
    'disk: no such file',
  ]);
});
