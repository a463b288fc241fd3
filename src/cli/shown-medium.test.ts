import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryMedium } from '../media/memory.ts';
import { ShownMedium, tellLength } from './shown-medium.ts';

const MIB = 1 << 20;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a disk shows five times a second, by a bar and in MiB, how much of twice its size was read', () => {
  const shown: string[] = [];
  const disk = new ShownMedium('d.img', new MemoryMedium(8 * MIB), (text) => shown.push(text));
  const buffer = new Uint8Array(MIB);

  for (let at = 0; at < 8; at++) {
    vi.advanceTimersByTime(100);
    disk.read(at * MIB, buffer, 0, MIB);
  }

  expect(shown).toEqual([
    'disk d.img: [##..................] 2 of 16 MiB read',
    'disk d.img: [#####...............] 4 of 16 MiB read',
    'disk d.img: [#######.............] 6 of 16 MiB read',
    'disk d.img: [##########..........] 8 of 16 MiB read',
  ]);
});

test('a disk with progress behaves as the disk', () => {
  const medium = new MemoryMedium(MIB);
  const disk = new ShownMedium('d.img', medium, () => {});
  const four = Uint8Array.of(1, 2, 3, 4);

  const did = [disk.write(512, four, 0, 4), disk.unmap(512, 2), disk.flush()];
  const read = new Uint8Array(4);

  expect([...did, disk.read(512, read, 0, 4)]).toEqual([true, true, true, true]);
  expect([[...read], disk.blocks, disk.readOnly]).toEqual([[0, 0, 3, 4], 2048, false]);
});

test.each([
  [
    '8 TiB',
    2 ** 43,
    {},
    'guestrig: 8192 GiB of disks are read twice, some seconds for each; --no-hash leaves that out\n',
  ],
  ['8 TiB that is not read whole', 2 ** 43, { wholeDisks: false }, ''],
  ['less than takes a second', 64 * MIB, {}, ''],
])('the cost of reading a disk is printed before a probe: %s', (_what, bytes, more, said) => {
  let told = '';
  const io = { out: () => {}, err: (text: string) => void (told += text), color: false };

  tellLength([{ medium: new MemoryMedium(bytes) }], { text: '', frames: [], ...more }, io);

  expect(told).toBe(said);
});
