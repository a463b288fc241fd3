import { expect, test } from 'vitest';
import { framesOf, placeOf } from './place.ts';

const ROOT = '/home/me/my nic';

test.each([
  ['a URL, with its signs', '    at send (file:///home/me/my%20nic/lib/nic.js:12:3)', 'lib/nic.js'],
  ['a path', '    at send (/home/me/my nic/nic.ts:12:3)', 'nic.ts'],
  ['a frame without a name', '    at /home/me/my nic/nic.ts:12:3', 'nic.ts'],
  ['a frame of a promise', '    at async /home/me/my nic/nic.ts:12:3', 'nic.ts'],
  ['what lies elsewhere', '    at send (/home/me/other/nic.ts:12:3)', '/home/me/other/nic.ts'],
  [
    'a name that only begins as the root does',
    '    at /home/me/my nics/nic.ts:12:3',
    '/home/me/my nics/nic.ts',
  ],
])('a line is found in %s', (_, frame, file) => {
  expect(placeOf(frame, ROOT)).toEqual({ file, line: 12, column: 3 });
});

test('frames of Node itself and of dependencies are skipped', () => {
  const frames = [
    '    at Array.map (<anonymous>)',
    '    at node:internal/process/task_queues:95:5',
    '    at put (/home/me/my nic/node_modules/ring/index.js:1:1)',
    '    at send (/home/me/my nic/nic.ts:12:3)',
    '    at test (/home/me/my nic/nic.test.ts:4:5)',
  ].join('\n');

  expect(placeOf(frames, ROOT)).toEqual({ file: 'nic.ts', line: 12, column: 3 });
});

test('where there is no line, there is no place', () => {
  expect(placeOf('    at Array.map (<anonymous>)', ROOT)).toBeNull();
  expect(placeOf('    at put (/home/me/my nic/node_modules/ring/index.js:1:1)', ROOT)).toBeNull();
  expect(placeOf('', ROOT)).toBeNull();
});

test('a stack has each frame of the driver with its function, and none of Node, of dependencies and of what plays it', () => {
  const frames = [
    '    at Array.map (<anonymous>)',
    '    at Nic.send (file:///home/me/my%20nic/nic.ts:12:3)',
    '    at put (/home/me/my nic/node_modules/ring/index.js:1:1)',
    '    at /home/me/my nic/nic.ts:4:5',
    '    at attach (wasm://wasm/3cd9646a:wasm-function[9]:0x34b)',
    '    at node:internal/process/task_queues:95:5',
    '    at async /home/me/my nic/plays.ts:3:1',
  ].join('\n');

  expect(framesOf(frames, ROOT)).toEqual([
    { name: 'Nic.send', place: { file: 'nic.ts', line: 12, column: 3 } },
    { name: '', place: { file: 'nic.ts', line: 4, column: 5 } },
    { name: 'attach (wasm://wasm/3cd9646a:wasm-function[9]:0x34b)', place: null },
  ]);
});
