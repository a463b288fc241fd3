import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
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

test('writes go to the file, and reads come from it, at any offset of any buffer', () => {
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
  // More than the 64 KiB of one step, and not a multiple of it.
  const path = image('unmap.img', new Uint8Array(512 * 300).fill(1));
  const disk = FileMedium.open(path);
  expect(disk.unmap(512, 512 * 200)).toBe(true);
  disk.close();
  const left = readFileSync(path);
  const zeros = [...left].flatMap((value, at) => (value === 0 ? [at] : []));
  expect([zeros.length, zeros[0], zeros.at(-1)]).toEqual([512 * 200, 512, 512 * 201 - 1]);
});

describe('an extent that is unmapped', () => {
  const MIB = 1 << 20;
  const full = (name: string, bytes: number) => image(name, new Uint8Array(bytes).fill(1));

  test('reads as zeros at once, on the disk and in its file', () => {
    const path = full('large.img', 4 * MIB);
    const disk = FileMedium.open(path);
    const into = new Uint8Array(4 * MIB).fill(9);
    const expected = new Uint8Array(4 * MIB).fill(1).fill(0, MIB, 3 * MIB);
    disk.unmap(MIB, 2 * MIB);
    disk.read(0, into, 0, into.length);
    const file = readFileSync(path);
    disk.close();
    expect([Buffer.compare(into, expected), Buffer.compare(file, expected)]).toEqual([0, 0]);
  });

  test('is a hole, and the file is as long as it was', () => {
    const path = full('hole.img', 4 * MIB);
    const disk = FileMedium.open(path);
    disk.unmap(MIB, MIB);
    disk.unmap(3 * MIB, MIB);
    const { size, blocks } = statSync(path);
    disk.close();
    // Blocks of 512 bytes; some more than the remaining 2 MiB, for the file system.
    expect([size, blocks < 2.5 * 2048]).toEqual([4 * MIB, true]);
  });

  test('has the same content as an array after any writes and unmaps', () => {
    // Extents of 64 KiB, and one block more: above a MiB they begin and end anywhere.
    const size = 40 * 65_536 + 512;
    const extent = fc
      .record({ offset: fc.nat(size), length: fc.oneof(fc.nat(70_000), fc.nat(size)) })
      .map(({ offset, length }) => ({ offset, length: Math.min(length, size - offset) }));
    const step = fc.record({ extent, fill: fc.integer({ min: 1, max: 255 }), unmap: fc.boolean() });
    let runs = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const path = full(`model-${runs++}.img`, size);
        const disk = FileMedium.open(path);
        const model = new Uint8Array(size).fill(1);
        for (const { extent: at, fill, unmap } of steps) {
          model.fill(unmap ? 0 : fill, at.offset, at.offset + at.length);
          unmap
            ? disk.unmap(at.offset, at.length)
            : disk.write(at.offset, new Uint8Array(at.length).fill(fill), 0, at.length);
        }
        const seen = new Uint8Array(size);
        disk.read(0, seen, 0, size);
        disk.close();
        expect(Buffer.compare(seen, model)).toBe(0);
        expect(Buffer.compare(readFileSync(path), model)).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a medium error', () => {
  const bytes = new Uint8Array(1024);

  test('is caused by a file that another program cut', () => {
    const path = image('short.img', new Uint8Array(2048));
    const disk = FileMedium.open(path);
    truncateSync(path, 512);
    expect([disk.read(0, bytes, 0, 512), disk.read(0, bytes, 0, 1024)]).toEqual([true, false]);
    disk.close();
  });

  test('is caused by any range past the end or invalid', () => {
    const disk = FileMedium.open(image('past.img', new Uint8Array(1024)));
    const past = [512, 0.5, Number.NaN, 5n].map((offset) => disk.write(offset as number, bytes, 0, 1024));
    disk.close();
    expect(past).toEqual([false, false, false, false]);
  });

  test('is caused by a write to a disk opened read-only', () => {
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

describe('misuse is reported in one line', () => {
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
