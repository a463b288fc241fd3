import * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileMedium, punchHole } from './file.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, fsyncSync: vi.fn(real.fsyncSync) };
});
vi.mock('./file.ts', () => ({ punchHole: vi.fn(() => false) }));

const MIB = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), 'guestrig-file-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void vi.mocked(fs.fsyncSync).mockClear());

function image(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('where holes are not supported', () => {
  test('zeros are written, in the range alone', () => {
    const path = image('zeros.img', new Uint8Array(4 * MIB).fill(1));
    const disk = FileMedium.open(path);

    const done = disk.unmap(MIB - 512, 2 * MIB);
    const file = readFileSync(path);
    disk.close();

    const expected = new Uint8Array(4 * MIB).fill(1).fill(0, MIB - 512, 3 * MIB - 512);
    expect([done, Buffer.compare(file, expected)]).toEqual([true, 0]);
  });

  test('an existing hole stays one', () => {
    const path = image('sparse.img', new Uint8Array(512).fill(1));
    fs.truncateSync(path, 64 * MIB);
    const disk = FileMedium.open(path);

    disk.unmap(0, 64 * MIB);
    disk.close();

    // One step of 64 KiB has data in it.
    expect(statSync(path).blocks).toBeLessThanOrEqual(128);
  });

  test('the host is not called for an empty range', () => {
    const disk = FileMedium.open(image('nothing.img', new Uint8Array(512)));
    vi.mocked(punchHole).mockClear();

    const done = disk.unmap(0, 0);
    disk.close();

    expect([done, vi.mocked(punchHole).mock.calls.length]).toEqual([true, 0]);
  });
});

describe('a host that fails to write data', () => {
  const fails = () => {
    throw Object.assign(new Error(), { code: 'ENOSPC' });
  };

  test('is reported even if the next write succeeds', () => {
    const path = image('failed.img', new Uint8Array(512));
    const disk = FileMedium.open(path);
    disk.write(0, new Uint8Array(512).fill(1), 0, 512);
    vi.mocked(fs.fsyncSync).mockImplementationOnce(fails);

    const flushed = [disk.flush(), disk.flush()];

    expect(flushed).toEqual([false, false]);
    expect(() => disk.close()).toThrow(`disk ${path}: what was written may be lost: no space left`);
  });

  test('is reported when the disk is closed, and it is closed', () => {
    const path = image('at-close.img', new Uint8Array(512));
    const disk = FileMedium.open(path);
    disk.unmap(0, 512);
    vi.mocked(fs.fsyncSync).mockImplementationOnce(fails);

    expect(() => disk.close()).toThrow(`disk ${path}: what was written may be lost: no space left`);
    expect(() => disk.flush()).toThrow('is closed');
  });
});

test.each<[string, (disk: FileMedium) => unknown, number]>([
  ['nothing was written', (disk) => disk.read(0, new Uint8Array(512), 0, 512), 0],
  [
    'all that was written is flushed',
    (disk) => [disk.write(0, new Uint8Array(512), 0, 512), disk.flush()],
    1,
  ],
  ['something was written since', (disk) => [disk.flush(), disk.unmap(0, 512)], 2],
])('a disk on which %s is closed after as many fsyncs as it takes', (_what, use, count) => {
  const disk = FileMedium.open(image('counted.img', new Uint8Array(512)));

  use(disk);
  disk.close();

  expect(vi.mocked(fs.fsyncSync).mock.calls.length).toBe(count);
});
