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

test('a file is replaced as a whole: who has it open reads what was in it', () => {
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

test('a file keeps its mode and what leads to it, and nothing lies beside it', () => {
  chmodSync('real.json', 0o600);
  symlinkSync('real.json', 'link.json');

  replaceFile('baseline', 'link.json', 'new');

  const { mode } = statSync('real.json');
  expect([mode & 0o777, readFileSync('real.json', 'utf8')]).toEqual([0o600, 'new\n']);
  expect(readdirSync('.').filter((name) => name.endsWith('.new'))).toEqual([]);
});

test('a file that was not there is made, and what is no regular file is written to', () => {
  replaceFile('baseline', 'first.json', 'new');
  replaceFile('baseline', '/dev/null', 'new');

  expect([readFileSync('first.json', 'utf8'), statSync('/dev/null').isFile()]).toEqual(['new\n', false]);
});
