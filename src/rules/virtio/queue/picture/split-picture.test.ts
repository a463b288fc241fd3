import { describe, expect, test } from 'vitest';
import type { SplitRingPicture } from '../../../../core/ring-picture.ts';
import { desc, focus, INDIRECT, NEXT, RAM_END, RING, ramOf, WRITE } from './rig.ts';
import { ringPicture } from './ring-pictures.ts';

/** avail.idx is 10, and entries 0 to 3 hold heads. */
const AVAIL = [RING.driver, 1, 10, 5, 6, 7, 3] as const;

const taken = (memory: ReturnType<typeof ramOf>, more: object = {}) =>
  ringPicture(memory, focus(false, more)) as SplitRingPicture;

describe('a picture of a split virtqueue', () => {
  test('has the chain that the device takes next, in its order', () => {
    const ram = ramOf(AVAIL, desc(7, 0x4000, 64, NEXT, 2), desc(2, 0x5000, 16, WRITE, 0));

    const { desc: table } = taken(ram, { taken: 10 - 8 });

    expect(table).toEqual({
      at: '00001000',
      more: false,
      entries: [
        { index: 7, addr: '00004000', len: 64, flags: 1, flagNames: 'NEXT', next: 2, odd: null },
        { index: 2, addr: '00005000', len: 16, flags: 2, flagNames: 'WRITE', next: 0, odd: null },
      ],
    });
  });

  test('has the available ring around the device’s position, with the state of each entry', () => {
    const { avail, taken: chains } = taken(ramOf(AVAIL), { taken: 9 });

    expect([chains, avail?.flags, avail?.idx]).toEqual([9, 1, 10]);
    expect(avail?.ring.map(({ index, id, state }) => [index, id, state])).toEqual([
      [7, 0, 'taken'],
      [0, 5, 'taken'],
      [1, 6, 'available'],
      [2, 7, 'stale'],
      [3, 3, 'stale'],
      [4, 0, 'stale'],
    ]);
  });

  test('has the used ring around its idx, and the event field behind each ring', () => {
    const ram = ramOf([RING.device, 0, 2, 3, 0, 60, 0], [RING.driver + 4 + 16, 9], [RING.device + 4 + 64, 8]);

    const { avail, used } = taken(ram);

    expect([avail?.event, used?.event]).toEqual([9, 8]);
    expect(used?.ring.slice(0, 3)).toEqual([
      { index: 0, id: 3, len: 60, state: 'used' },
      { index: 1, id: 0, len: 0, state: 'used' },
      { index: 2, id: 0, len: 0, state: 'stale' },
    ]);
  });

  test.each([
    [
      'goes round',
      [desc(5, 0x4000, 1, NEXT, 6), desc(6, 0x4000, 1, NEXT, 5)],
      [null, 'back to 5: the chain does not end'],
    ],
    ['leaves the table', [desc(5, 0x4000, 1, NEXT, 99)], ['next beyond the 8 entries']],
    ['points outside RAM', [desc(5, RAM_END - 1, 2, 0, 0)], ['outside RAM']],
    ['is empty', [desc(5, 0x4000, 0, 0, 0)], ['of length 0']],
    [
      'mixes directions',
      [desc(5, 0x4000, 1, WRITE | NEXT, 6), desc(6, 0x4000, 1, 0, 0)],
      [null, 'readable behind a writable one'],
    ],
  ])('says of a chain that %s what is odd about it', (_what, descriptors, odd) => {
    const { desc: table } = taken(ramOf(AVAIL, ...descriptors), { chain: 5 });

    expect(table?.entries.map((entry) => entry.odd)).toEqual(odd);
  });

  test('has the first entries of an indirect table', () => {
    const table = [0x4000, 0x5000, 0, 0, 0, 9, 0, NEXT, 1] as const;
    const ram = ramOf(AVAIL, desc(5, 0x4000, 16 * 6, INDIRECT, 0), table, [
      0x4010,
      0,
      0,
      0,
      0,
      9,
      0,
      INDIRECT,
      0,
    ]);

    const [entry] = taken(ram, { chain: 5 }).desc!.entries;

    expect([entry?.flagNames, entry?.tableLength]).toEqual(['INDIRECT', 6]);
    expect(entry?.table?.map(({ addr, odd }) => [addr, odd])).toEqual([
      ['00005000', null],
      ['00000000', 'a table in a table'],
    ]);
  });

  test('has nothing of an area outside RAM, and no descriptor for a head beyond the table', () => {
    const outside = { place: { ...RING, packed: false, device: RAM_END - 4, desc: RAM_END } };

    expect(taken(ramOf(AVAIL), outside)).toMatchObject({ desc: null, used: null, avail: { idx: 10 } });
    expect(taken(ramOf(AVAIL), { chain: 0xffff }).desc).toMatchObject({ entries: [] });
  });

  test('is small, however long chain and table are, and survives JSON unchanged', () => {
    const long = Array.from({ length: 8 }, (_, i) => desc(i, 0x1000, 0x1000, NEXT | INDIRECT, (i + 1) % 8));

    const picture = taken(ramOf(...long), { chain: 0 });

    expect(JSON.stringify(picture).length).toBeLessThan(6000);
    expect(JSON.parse(JSON.stringify(picture))).toEqual(picture);
  });
});
