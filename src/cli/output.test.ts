import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { replaceFile } from './output.ts';
import { inFolderOf } from './rig.ts';

inFolderOf({ 'known.json': 'what a person wrote\n', 'real.json': 'old\n' });

test('a file is replaced as a whole: an open reader still sees the old contents', () => {
  const fd = openSync('known.json', 'r');
  const before = Buffer.alloc(64);

  replaceFile('baseline', 'known.json', 'new');
  const n = readSync(fd, before, 0, 64, 0);
  closeSync(fd);

  expect([before.toString('utf8', 0, n), readFileSync('known.json', 'utf8')]).toEqual([
    'what a person wrote\n',
    'new\n',
  ]);
});

test('a file keeps its mode and its links, and no other file is left behind', () => {
  chmodSync('real.json', 0o600);
  symlinkSync('real.json', 'link.json');

  replaceFile('baseline', 'link.json', 'new');

  const { mode } = statSync('real.json');
  expect([mode & 0o777, readFileSync('real.json', 'utf8')]).toEqual([0o600, 'new\n']);
  expect(readdirSync('.').filter((name) => name.endsWith('.new'))).toEqual([]);
});

test('a missing file is created, and one that is not regular is written in place', () => {
  replaceFile('baseline', 'first.json', 'new');
  replaceFile('baseline', '/dev/null', 'new');

  expect([readFileSync('first.json', 'utf8'), statSync('/dev/null').isFile()]).toEqual(['new\n', false]);
});
