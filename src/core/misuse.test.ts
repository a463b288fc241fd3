import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MisuseError } from './misuse.ts';

const refuses = {
  toJSON() {
    throw new TypeError('no');
  },
};

test.each([
  ['42:01', '"42:01" is not six hex bytes'],
  [undefined, 'undefined is not six hex bytes'],
  [null, 'null is not six hex bytes'],
  [Number.NaN, 'NaN is not six hex bytes'],
  [5n, '5n is not six hex bytes'],
  [Symbol('mac'), 'Symbol(mac) is not six hex bytes'],
  [() => 5, 'a function is not six hex bytes'],
  [[1, { a: null }], '[1,{"a":null}] is not six hex bytes'],
  [{ mac: 5n }, '{"mac":"5n"} is not six hex bytes'],
  [new Uint8Array(6), 'a Uint8Array of 6 bytes is not six hex bytes'],
  [refuses, 'an object is not six hex bytes'],
])('says what was found and what was expected: %s', (value, said) => {
  const error = new MisuseError('nics[0].mac', value, 'six hex bytes');
  expect([error.message, error.path, error.value]).toEqual([`nics[0].mac: ${said}`, 'nics[0].mac', value]);
});

test('a value that holds itself has a message, too', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  expect(new MisuseError('nics', cycle, 'a list of NICs').message).toBe(
    'nics: an array is not a list of NICs',
  );
});

test('can be told from errors of other kinds', () => {
  const error = new MisuseError('disk', 0, '', 'no such file');
  expect([error.name, error instanceof Error, error.message]).toEqual([
    'MisuseError',
    true,
    'disk: no such file',
  ]);
});

test('a long value is cut in the message, and whole in the error', () => {
  const value = 'a'.repeat(100_000);
  const error = new MisuseError('nics[0].mac', value, 'six hex bytes');
  expect(error.message).toBe(`nics[0].mac: "${'a'.repeat(99)}… is not six hex bytes`);
  expect(error.value).toBe(value);
});

test('there is a message for every value, and a short one', () => {
  const any = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true });
  fc.assert(
    fc.property(any, (value) => {
      const { message } = new MisuseError('x', value, 'y');
      return message.endsWith(' is not y') && message.length < 120;
    }),
  );
});
