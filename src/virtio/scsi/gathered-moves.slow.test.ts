import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { type Asked, BLOCKS, mostly, played, u32, WornMedium } from './plain-rig.ts';
import { ANY_LAYOUT, ScsiRig } from './scsi-rig.ts';

/** A disk whose calls are costly. */
function costlyRig(heard: boolean): ScsiRig {
  class CostlyMedium extends WornMedium {
    readonly isCostly = true;
  }
  const rig = new ScsiRig({ ringSize: 256 });
  rig.device.watchedBy(null);
  rig.device.addDisk(2, 0, new CostlyMedium(BLOCKS * 512));
  rig.device.addDisk(2, 1, new CostlyMedium(BLOCKS * 512));
  rig.device.hearAttentions();
  if (heard) rig.device.onCommand = () => {};
  return rig.start(ANY_LAYOUT);
}

const [READ_ONE, WRITE_ONE] = ['28 00 0000000L 00 0001 00', '2a 00 0000000L 00 0001 00'];
const at = (cdb: string, lba: number) => cdb.replace('L', `${lba}`);

test.each<[string, string[], string[]]>([
  ['of several buffers', [at(READ_ONE, 0)], ['read 0 512']],
  ['a WRITE', [at(WRITE_ONE, 0)], ['write 0 512']],
  ['of requests that go on where one ends', [0, 1, 2].map((lba) => at(READ_ONE, lba)), ['read 0 1536']],
  [
    'of those that go one way',
    [at(WRITE_ONE, 0), at(WRITE_ONE, 1), at(READ_ONE, 2)],
    ['write 0 1024', 'read 1024 512'],
  ],
  [
    'of neighbours alone',
    [at(READ_ONE, 4), at(READ_ONE, 6), at(READ_ONE, 7)],
    ['read 2048 512', 'read 3072 1024'],
  ],
])('a disk whose calls are costly is asked once: %s', (_what, cdbs, calls) => {
  const rig = costlyRig(false);
  const data = [256, 256];
  const kick = cdbs.map((cdb, i): Asked => {
    const isWrite = cdb.startsWith('2a');
    const sides = { out: isWrite ? data : [], room: isWrite ? [] : data };
    return { cdb, lun: '01024000', id: BigInt(i), ...sides };
  });
  played([kick], false, rig);

  const { medium } = rig.device.targets.get(2)!.units.get(0)!;

  expect((medium as WornMedium).calls.slice(0, calls.length)).toEqual(calls);
});

test('such a disk reads into the one buffer of one request itself', () => {
  const rig = costlyRig(false);
  const read = vi.spyOn(rig.device.targets.get(2)!.units.get(0)!.medium, 'read');
  played([[{ cdb: at(READ_ONE, 0), lun: '01024000', id: 1n, out: [], room: [2048] }]], false, rig);

  expect(read.mock.calls[0]![1]).toBe(rig.board.memory.ranges[0]!.bytes);
});

test('such a disk is asked for no more than one request may have', () => {
  class LargeMedium extends MemoryMedium {
    readonly isCostly = true;
  }
  const rig = new ScsiRig({ ringSize: 256 });
  rig.device.watchedBy(null);
  const medium = new LargeMedium(1 << 20);
  const read = vi.spyOn(medium, 'read');
  rig.device.addDisk(2, 0, medium);
  rig.device.hearAttentions();
  rig.start(ANY_LAYOUT);
  const kick = [0, 2].map((lba): Asked => {
    const cdb = `28 00 00000${lba}00 00 0200 00`;
    return { cdb, lun: '01024000', id: BigInt(lba), out: [], room: [0x2_0000, 0x2_0000] };
  });
  played([kick], false, rig);

  expect(read.mock.calls.map(([offset, , , length]) => [offset, length]).slice(0, 2)).toEqual([
    [0, 0x4_0000],
    [0x4_0000, 0x4_0000],
  ]);
});

test('neighbours at such a disk end as they do one by one, whichever blocks fail', () => {
  const neighbour = fc.record({
    isWrite: mostly(fc.constant(false), fc.constant(true)),
    lun: mostly(fc.constant('01024000'), fc.constant('01024001')),
    blocks: fc.integer({ min: 1, max: 4 }),
    gap: mostly(fc.constant(0), fc.constantFrom(-2, 1)),
    data: fc.constantFrom([2048], [512, 512, 1024], [100, 1000, 948]),
  });
  const kick = fc.record({
    first: fc.integer({ min: 2, max: 50 }),
    writes: fc.boolean(),
    all: fc.array(neighbour, { maxLength: 9 }),
  });
  const askedBy = ({ first, writes, all }: typeof kick extends fc.Arbitrary<infer T> ? T : never) => {
    let lba = first;
    return all.map(({ isWrite, lun, blocks, gap, data }, i): Asked => {
      const goesOut = isWrite !== writes;
      const cdb = `${goesOut ? '2a' : '28'}00${u32(lba + gap)}00${u32(blocks).slice(4)}00`;
      lba += gap + blocks;
      return { cdb, lun, id: BigInt(i), out: goesOut ? data : [], room: goesOut ? [] : data };
    });
  };
  // What it was asked for differs.
  const outcome = (kicks: readonly (readonly Asked[])[], heard: boolean) => {
    const { used, ram, disks } = played(kicks, heard, costlyRig(heard));
    return { used, ram, disks: disks.map(([content]) => content) };
  };
  fc.assert(
    fc.property(fc.array(kick, { minLength: 1, maxLength: 3 }), (kicks) => {
      const some = kicks.map(askedBy);

      expect(outcome(some, false)).toEqual(outcome(some, true));
    }),
    { numRuns: 20 },
  );
});
