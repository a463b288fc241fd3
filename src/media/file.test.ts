import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MisuseError } from '../core/misuse.ts';
import { FileMedium } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'guestrig-file-medium-'));
afterAll(() => rmSync(folder, { recursive: true }));

function image(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test('writes land in the file, and reads come from it, at any offset of any buffer', () => {
  const path = image('rw.img', new Uint8Array(4096));
  const disk = FileMedium.open(path);
  const ram = new Uint8Array(new SharedArrayBuffer(2048)).fill(7);
  expect(disk.write(512, ram, 1024, 512)).toBe(true);
  expect(disk.flush()).toBe(true);
  expect(disk.read(1020, ram, 0, 8)).toBe(true);
  disk.close();
  expect([...ram.subarray(0, 9)]).toEqual([7, 7, 7, 7, 0, 0, 0, 0, 7]);
  expect(readFileSync(path).subarray(510, 514).toString('hex')).toBe('00000707');
});

test('unmap leaves zeros, in the range alone', () => {
  // More than the 64 KiB that go at once, and not a multiple of it.
  const path = image('unmap.img', new Uint8Array(512 * 300).fill(1));
  const disk = FileMedium.open(path);
  expect(disk.unmap(512, 512 * 200)).toBe(true);
  disk.close();
  const left = readFileSync(path);
  const zeros = [...left].flatMap((value, at) => (value === 0 ? [at] : []));
  expect([zeros.length, zeros[0], zeros.at(-1)]).toEqual([512 * 200, 512, 512 * 201 - 1]);
});

describe('a medium error', () => {
  const bytes = new Uint8Array(1024);

  test('is a file cut short behind our back', () => {
    const path = image('short.img', new Uint8Array(2048));
    const disk = FileMedium.open(path);
    truncateSync(path, 512);
    expect([disk.read(0, bytes, 0, 512), disk.read(0, bytes, 0, 1024)]).toEqual([true, false]);
    disk.close();
  });

  test('is everything past the end, and what is no place on the disk at all', () => {
    const disk = FileMedium.open(image('past.img', new Uint8Array(1024)));
    const past = [512, 0.5, Number.NaN, 5n].map((offset) => disk.write(offset as number, bytes, 0, 1024));
    disk.close();
    expect(past).toEqual([false, false, false, false]);
  });

  test('is a write to what was opened to be read', () => {
    const disk = FileMedium.open(image('ro.img', new Uint8Array(1024)), { readOnly: true });
    expect([disk.readOnly, disk.write(0, bytes, 0, 512), disk.unmap(0, 512)]).toEqual([true, false, false]);
    disk.close();
  });
});

test.each<[string, (disk: FileMedium) => unknown]>([
  ['read', (disk) => disk.read(0, new Uint8Array(512), 0, 512)],
  ['written', (disk) => disk.write(0, new Uint8Array(512), 0, 512)],
  ['unmapped', (disk) => disk.unmap(0, 512)],
  ['flushed', (disk) => disk.flush()],
])('a closed file cannot be %s, and can be closed again', (_what, use) => {
  const path = image('closed.img', new Uint8Array(1024));
  const disk = FileMedium.open(path);
  disk.close();
  disk.close();
  expect(() => use(disk)).toThrow(new MisuseError(`disk ${path}`, 'closed', '', 'is closed'));
});

describe('misuse is told in one line', () => {
  test.each([
    ['a missing file', () => join(folder, 'missing.img'), 'no such file'],
    ['a directory', () => folder, 'not a regular file'],
    [
      'an empty file',
      () => image('empty.img', new Uint8Array()),
      '0 bytes are not a multiple of 512 above 0',
    ],
    [
      'an odd size',
      () => image('odd.img', new Uint8Array(1000)),
      '1000 bytes are not a multiple of 512 above 0',
    ],
  ])('%s', (_what, path, reason) => {
    const name = path();
    expect(() => FileMedium.open(name)).toThrow(`disk ${name}: ${reason}`);
  });

  test('a directory to be read', () => {
    expect(() => FileMedium.open(folder, { readOnly: true })).toThrow(`disk ${folder}: not a regular file`);
  });
});
