import { afterEach, expect, test, vi } from 'vitest';
import { FileMedium } from '../../src/index.ts';
import { type LentDisk, lendDisk } from './disk.ts';

const MIB = 1 << 20;
const ONES = new Uint8Array(4096).fill(1);
const LOST = 'a disk in a file lost what was flushed';

afterEach(() => vi.restoreAllMocks());

/** Writes, unmaps a part of it, flushes, and reports the damage. */
function used({ medium, damage }: LentDisk): string | null {
  medium.write(8192, ONES, 0, ONES.length);
  medium.unmap(8192, 512);
  medium.flush();
  medium.close();
  return damage();
}

const file = (readOnly = false) => lendDisk({ kind: 'file', bytes: MIB, readOnly });

test('a disk in a file that keeps what was written and unmapped is undamaged', () => {
  expect(used(file())).toBe(null);
});

test('nothing is expected in a file that is only to be read', () => {
  expect(used(file(true))).toBe(null);
});

test.each(['write', 'unmap'] as const)('a %s that does not reach the file is damage', (what) => {
  vi.spyOn(FileMedium.prototype, what).mockReturnValue(true);

  expect(used(file())).toBe(LOST);
});

test('an UNMAP that reaches the file only as it is closed is damage', () => {
  const { unmap, close } = FileMedium.prototype;
  const late: [number, number][] = [];
  vi.spyOn(FileMedium.prototype, 'unmap').mockImplementation((...range) => late.push(range) > 0);
  vi.spyOn(FileMedium.prototype, 'close').mockImplementation(function (this: FileMedium) {
    for (const range of late) unmap.apply(this, range);
    close.call(this);
  });

  expect(used(file())).toBe(LOST);
});

test('of much that changed some is compared at each flush, and the rest at the end', () => {
  vi.spyOn(FileMedium.prototype, 'unmap').mockReturnValue(true);
  const { medium, damage } = file();
  for (let at = 0; at < MIB; at += 65536) medium.write(at, ONES, 0, ONES.length);
  medium.flush();
  medium.flush();

  medium.unmap(MIB - 65536, 512);

  medium.close();
  expect(damage()).toBe(LOST);
});
