import { describe, expect, test } from 'vitest';
import type { PackedRingPicture } from '../../../../core/ring-picture.ts';
import { PVIRTQ_DESC_F } from '../../../../virtio/registers.ts';
import { desc, focus, NEXT, RAM_END, RING, ramOf, WRITE } from './rig.ts';
import { ringPicture } from './ring-pictures.ts';

const { AVAIL, USED } = PVIRTQ_DESC_F;

const taken = (memory: ReturnType<typeof ramOf>, more: object = {}) =>
  ringPicture(memory, focus(true, more)) as PackedRingPicture;
const slots = ({ desc }: PackedRingPicture) => desc!.entries.map(({ index }) => index);

describe('a picture of a packed virtqueue', () => {
  const ram = ramOf(
    desc(6, 0x4000, 10, 0, AVAIL | NEXT),
    desc(7, 0x5000, 60, 9, AVAIL | WRITE),
    desc(2, 0x5000, 60, 3, AVAIL | USED),
    [RING.driver, 0x8005, 2],
  );

  test('has each descriptor with its two bits, from the one before the buffer in question on', () => {
    const picture = taken(ram, { chain: 9 });

    expect(slots(picture)).toEqual([5, 6, 7, 0, 1, 2, 3, 4]);
    expect(picture.desc!.entries[2]).toEqual({
      index: 7,
      addr: '00005000',
      len: 60,
      id: 9,
      flags: 0x82,
      flagNames: 'WRITE',
      avail: 1,
      used: 0,
      odd: null,
    });
    expect(picture.desc!.entries[5]).toMatchObject({ index: 2, avail: 1, used: 1 });
  });

  test('begins at the descriptor that a fault is about', () => {
    expect(slots(taken(ram, { slot: 2 }))[1]).toBe(2);
  });

  test('has both event structures, the offset and the wrap counter apart', () => {
    const { driver, device } = taken(ram);

    expect([driver, device]).toEqual([
      { at: '00002000', off: 5, wrap: 1, flags: 2 },
      { at: '00003000', off: 0, wrap: 0, flags: 0 },
    ]);
  });

  test('has nothing of an area outside RAM', () => {
    const place = { ...RING, packed: true, desc: RAM_END - 16, driver: RAM_END };

    expect(taken(ram, { place })).toMatchObject({ desc: null, driver: null });
  });

  test('calls odd only what the device may look at', () => {
    const odd = ramOf(desc(0, RAM_END - 1, 9, 0, AVAIL), desc(1, RAM_END - 1, 9, 0, AVAIL | USED));

    expect(
      taken(odd)
        .desc!.entries.slice(1, 3)
        .map((entry) => entry.odd),
    ).toEqual(['outside RAM', null]);
  });
});
