import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, READ_BLOCK_0, REQUEST, ScsiRig, TEST_UNIT_READY } from './scsi-rig.ts';

const MS = 1_000_000;
const SLOW = '01 02 40 00';

/** A disk without limits at target 1, and one with them at target 2. */
function setUp(throttle: { iops?: number; bytesPerSecond?: number }) {
  const rig = new ScsiRig().start(ANY_LAYOUT);
  rig.device.addDisk(2, 0, new MemoryMedium(1 << 20), { throttle });
  for (const { units } of rig.device.targets.values())
    for (const unit of units.values()) while (unit.takeAttention() !== null);
  return rig;
}

/** The virtual milliseconds after which each request was answered. */
function answersIn(rig: ScsiRig, milliseconds: number): number[][] {
  return Array.from({ length: milliseconds + 1 }, (_, at) => {
    rig.clock.advance(at === 0 ? 0 : MS);
    return rig.guests[REQUEST]!.take().map(([head]) => head);
  });
}

describe('a disk with limits', () => {
  test('carries out so many commands in a second, one after the other', () => {
    const rig = setUp({ iops: 500 });
    const heads = [1, 2, 3].map(() => rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 }));
    rig.kick(REQUEST);

    expect(answersIn(rig, 6)).toEqual([[], [], [heads[0]], [], [heads[1]], [], [heads[2]]]);
  });

  test('moves so many bytes in a second', () => {
    const rig = setUp({ bytesPerSecond: 512_000 });
    const cdb = '28 00 00000000 00 0003 00';
    const heads = [
      rig.put({ cdb, lun: SLOW, room: 1536 }),
      rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 }),
    ];
    rig.kick(REQUEST);

    expect(answersIn(rig, 4)).toEqual([[], [], [], [heads[0]], [heads[1]]]);
  });

  test('keeps no other disk waiting, nor a command that is not for its medium', () => {
    const rig = setUp({ iops: 500 });
    const [slow, other, ready] = [
      rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 }),
      rig.put({ cdb: READ_BLOCK_0, room: 512 }),
      rig.put({ cdb: TEST_UNIT_READY, lun: SLOW }),
    ];
    rig.kick(REQUEST);

    expect(answersIn(rig, 2)).toEqual([[other, ready], [], [slow]]);
  });

  test('saves nothing up while it has no work', () => {
    const rig = setUp({ iops: 500 });
    rig.clock.advance(100 * MS);
    rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 });
    rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 });
    rig.kick(REQUEST);

    expect(answersIn(rig, 4).map((heads) => heads.length)).toEqual([0, 0, 1, 0, 1]);
  });

  test('has no command to wait for after a reset', () => {
    const rig = setUp({ iops: 500 });
    rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 });
    rig.kick(REQUEST);
    rig.start(ANY_LAYOUT);
    rig.device.reset('power');
    rig.start(ANY_LAYOUT);
    rig.put({ cdb: '12 00 00 0024 00', lun: SLOW, room: 36 });
    rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 });
    rig.kick(REQUEST);

    expect(answersIn(rig, 2).map((heads) => heads.length)).toEqual([1, 0, 1]);
  });
});
