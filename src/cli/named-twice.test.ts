import { linkSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { guestrig, inFolderOf } from './rig.ts';

const FILES = {
  'disk.img': new Uint8Array(4096).fill(1),
  'driver.mjs': 'export default { run() {} };\n',
  'known.json': '{ "known": [] }\n',
  'other.jsonl': '',
};
inFolderOf(FILES);
beforeAll(() => linkSync('disk.img', 'linked.img'));

test.each([
  ['a disk', ['probe', '--disk', 'disk.img', '--log', 'disk.img'], 'disk.img', 'log disk.img'],
  [
    'a disk by another name',
    ['probe', '--disk', 'disk.img', '--log', './linked.img'],
    'disk.img',
    'log ./linked.img',
  ],
  ['a driver', ['conform', 'driver.mjs', '--out', 'driver.mjs'], 'driver.mjs', 'out driver.mjs'],
  [
    'a baseline that is known',
    ['conform', 'driver.mjs', '--baseline', 'known.json', '--out', 'known.json'],
    'known.json',
    'out known.json',
  ],
  [
    'another file that is written',
    ['probe', '--log', 'other.jsonl', '--trace', 'other.jsonl'],
    'other.jsonl',
    'log other.jsonl',
  ],
] as const)('nothing is written into %s', async (_what, argv, name, said) => {
  const { status, err } = await guestrig(...argv);

  expect([status, err]).toEqual([2, `${said}: is named twice, and would be written over\n`]);
  expect(readFileSync(name)).toEqual(Buffer.from(FILES[name]));
});

test('a baseline may overwrite the one that is read', async () => {
  const files = ['--baseline', 'known.json', '--write-baseline', 'known.json'];
  const { err } = await guestrig('conform', 'driver.mjs', ...files, '--scenario', 'none of ours');

  expect(err).not.toContain('named twice');
});
