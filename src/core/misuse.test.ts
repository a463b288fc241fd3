import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MisuseError } from './misuse.ts';

const refuses = {
  toJSON() {
    throw new TypeError('no');
  },
};

test.each([
  ['42:01', 'must be six hex bytes; got "42:01"'],
  [undefined, 'is required: six hex bytes'],
  [null, 'must be six hex bytes; got null'],
  [Number.NaN, 'must be six hex bytes; got NaN'],
  [5n, 'must be six hex bytes; got 5n'],
  [Symbol('mac'), 'must be six hex bytes; got Symbol(mac)'],
  [() => 5, 'must be six hex bytes; got a function'],
  [[1, { a: null }], 'must be six hex bytes; got [1,{"a":null}]'],
  [{ mac: 5n }, 'must be six hex bytes; got {"mac":"5n"}'],
  [new Uint8Array(6), 'must be six hex bytes; got a Uint8Array of 6 bytes'],
  [refuses, 'must be six hex bytes; got an object'],
])('says what was found and what was expected: %s', (value, said) => {
  const error = new MisuseError('nics[0].mac', value, 'six hex bytes');
  expect([error.message, error.path, error.value]).toEqual([`nics[0].mac ${said}`, 'nics[0].mac', value]);
});

test('a value that holds itself has a message, too', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  expect(new MisuseError('nics', cycle, 'a list of NICs').message).toBe(
    'nics must be a list of NICs; got an array',
  );
});

test('can be distinguished from errors of other kinds', () => {
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
  expect(error.message).toBe(`nics[0].mac must be six hex bytes; got "${'a'.repeat(99)}…`);
  expect(error.value).toBe(value);
});

test('there is a message for every value, and a short one', () => {
  const any = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true });
  fc.assert(
    fc.property(any, (value) => {
      const { message } = new MisuseError('x', value, 'y');
      return /^x (must be|is required: )/.test(message) && message.length < 120;
    }),
  );
});

test('the name that was probably meant is named', () => {
  const names = ['virtio/FEAT-D1', 'uart/DLAB'];
  const messageOf = (value: string) => new MisuseError('waive', value, 'a clause', names).message;
  expect([messageOf('virtio/FAET-D1'), messageOf('nonsense'), messageOf('x'.repeat(1e6))]).toEqual([
    'waive must be a clause; got "virtio/FAET-D1"; did you mean virtio/FEAT-D1?',
    'waive must be a clause; got "nonsense"',
    `waive must be a clause; got "${'x'.repeat(99)}…`,
  ]);
});

const MIB = 1 << 20;
/** Nested objects, ever deeper. */
const deep = Array.from({ length: 100_000 }).reduce<object>((inner) => ({ inner }), {});
const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`field${i}`, i]));
const shared = Array.from({ length: 64 }).reduce<object>((inner) => [inner, inner], [5]);
const hidden = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`f${i}`, () => i]));
const throwing = {
  get size(): number {
    throw new TypeError('no');
  },
  blocks: 5,
};
const sly = new Proxy(
  {},
  {
    ownKeys() {
      throw new TypeError('no');
    },
  },
);
const revoked = Proxy.revocable([], {});
revoked.revoke();

test('runs no code of a proxy, which may have any number of keys', () => {
  const called: string[] = [];
  const handler = new Proxy({}, { get: (_, trap) => void called.push(String(trap)) });
  const proxy = new Proxy({ field: 5 }, handler);

  const { message } = new MisuseError('disk', { medium: proxy, list: [proxy] }, 'a disk');

  expect([message, called]).toEqual(['disk must be a disk; got {"medium":an object,"list":[an object]}', []]);
});

test.each([
  [
    'a medium with its bytes',
    { blocks: 8, bytes: new Uint8Array(64 * MIB) },
    '{"blocks":8,"bytes":a Uint8Array of 67108864 bytes}',
  ],
  ['a list of large arrays', [new Float64Array(8 * MIB)], '[a Float64Array of 67108864 bytes]'],
  ['a buffer', new ArrayBuffer(64 * MIB), 'an ArrayBuffer of 67108864 bytes'],
  ['a shared buffer', { buffer: new SharedArrayBuffer(8) }, '{"buffer":a SharedArrayBuffer of 8 bytes}'],
  ['a long list', new Array(1e8).fill(0, 0, 100), `[${'0,'.repeat(49)}0…`],
  ['a list of holes', new Array(1e9), `[${'null,'.repeat(19)}null…`],
  ['many fields', wide, /^\{"field0":0,"field1":1,.{77}…$/],
  ['many fields that are no data', hidden, '{}'],
  ['objects in objects', deep, '{"inner":{"inner":{"inner":{"inner":{…}}}}}'],
  [
    'one object in many places',
    shared,
    '[[[[[…],[…]],[[…],[…]]],[[[…],[…]],[[…],[…]]]],[[[[…],[…]],[[…],[…]]],[[[…],[…]],[[…],[…]]]]]'.slice(
      0,
      100,
    ),
  ],
  ['a getter that throws', throwing, '{"blocks":5}'],
  ['a proxy that throws', sly, 'an object'],
  ['a proxy that is revoked', revoked.proxy, 'an object'],
  ['a proxy that is revoked, within', { medium: revoked.proxy }, '{"medium":an object}'],
  ['a long name of a symbol', Symbol('a'.repeat(1000)), /^Symbol\(a+…$/],
  ['a large bigint', 1n << 20_000_000n, 'a large bigint'],
  ['a large bigint, within', [1n << 20_000_000n], '["a large bigint"]'],
])('quotes only a piece of a large value: %s', (_name, value, said) => {
  const began = process.cpuUsage();

  const { message } = new MisuseError('disk', value, 'a disk');

  const { user, system } = process.cpuUsage(began);
  expect(message.replace(/^disk must be a disk; got /, '')).toEqual(
    typeof said === 'string' ? said : expect.stringMatching(said),
  );
  // Takes microseconds; written whole, these values would take seconds or far longer.
  expect(user + system).toBeLessThan(2_000_000);
});
