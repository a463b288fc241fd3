import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { sysctlFiles } from './audit.ts';
import { inFolderOf } from './rig.ts';

const MIB = 1 << 20;

inFolderOf({});
beforeAll(() => {
  for (const name of ['masked', 'large', 'many', 'nested/x.conf']) mkdirSync(name, { recursive: true });
  symlinkSync('/dev/null', 'masked/a.conf');
  for (const name of ['a', 'b']) writeFileSync(`large/${name}.conf`, Buffer.alloc(9 * MIB, '#'));
  for (let i = 0; i <= 4096; i++) writeFileSync(`many/${i}.conf`, '');
});

test('a link to /dev/null is a file that sets nothing', () => {
  expect(sysctlFiles('masked')).toEqual([{ path: 'masked/a.conf', directory: 'masked', text: '' }]);
});

describe('refused in one line', () => {
  test.each([
    ['files of more than 16 MiB together', 'large', 'sysctl large: holds more than 16 MiB of settings'],
    ['more than 4096 files', 'many', 'sysctl many: holds more than 4096 files'],
    ['a directory named as a file', 'nested', 'sysctl nested/x.conf: is a directory'],
    ['a name with a zero byte', 'a\0b', 'sysctl a\0b: is no name of a file'],
  ])('%s', (_what, path, said) => {
    expect(() => sysctlFiles(path)).toThrow(said);
  });
});
