import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { BLOCK } from '../../media/medium.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { WriteBackMedium } from '../../media/write-back.ts';
import { DataError } from './differences.ts';
import { type Fixture, mayGiveUp } from './fixture.ts';
import { Disk, type Mover } from './frames.ts';
import { placeOfDisk, plain, type SuiteScenario } from './scenario.ts';

const TIMES = 3;
const BLOCKS_MOST = 700;
/** Bytes that are written before a flush, and how often. */
const [FLUSHED, OFTEN] = [1 << 18, 6];
/** Virtual time: how long the disk takes for a request, and when the power fails. */
const [SOON, LATE, CUT]: readonly [Nanos, Nanos, Nanos] = [20_000, 300_000, 1_500_000];

/** Thrown through the driver: the interrupted system no longer exists. */
class PowerCut extends Error {}

/** @param disks the first is written to. @param how its writes are cut off. @param block bytes of a block. */
export function writesInVain(
  fixture: Fixture,
  disks: Mover['disks'],
  how: 'power' | 'hard',
  block = BLOCK,
): void {
  const { machine } = fixture;
  const random = new Random(machine.seed);
  const disk = new Disk({ disks }, random, block);
  for (let time = 0; time < TIMES; time++) {
    fixture.start();
    const [lba, blocks] = cutWhileWriting(fixture, disk, random, how);
    fixture.start();
    disk.demandRead(lba, blocks, fixture.read(lba, blocks));
    machine.reset(how);
  }
}

/** What was flushed is there when power is back, whatever came after. Parameters are as those of `writesInVain`. */
export function cutsAfterFlush(fixture: Fixture, disks: Mover['disks'], block = BLOCK): void {
  const { machine } = fixture;
  const random = new Random(machine.seed);
  const { medium } = disks[0]!;
  const [kept, found] = [new Uint8Array(FLUSHED), new Uint8Array(FLUSHED)];
  for (let time = 0; time < OFTEN; time++) {
    random.fill(kept);
    fixture.start();
    fixture.write(0, kept);
    fixture.flush();
    if (time % 2 === 1) fixture.write(kept.length / block, found);
    machine.powerCut();
    medium.read(0, found, 0, found.length);
    if (Buffer.compare(kept, found) !== 0)
      throw new DataError('a byte that was written and flushed was lost with the power');
  }
}

/** A disk that, once `fails` is set, cannot make safe what was written. */
export class UnsafeMedium extends MemoryMedium {
  fails = false;
  refused = 0;

  override flush(): boolean {
    if (this.fails) this.refused++;
    return !this.fails;
  }
}

/** A driver whose writes are durable fails when it writes, others when they flush. They throw then, and may have tried again. */
export function failsToFlush(fixture: Fixture, given: unknown, block = BLOCK): void {
  const medium = given as UnsafeMedium;
  fixture.start();
  medium.fails = true;
  const wrote = mayGiveUp(() => fixture.write(0, new Uint8Array(block)));
  const flushed = mayGiveUp(fixture.flush);
  if (wrote && flushed && medium.refused > 0)
    throw new DataError(
      'use.write() and use.flush() returned, and the disk had reported that it failed to flush',
    );
}

/** @returns the write in progress when the power failed: each block has its old or its new contents. */
function cutWhileWriting(
  fixture: Fixture,
  disk: Disk,
  random: Random,
  how: 'power' | 'hard',
): [lba: number, blocks: number] {
  const cut = cutAfter(fixture.machine, 1 + random.below(CUT));
  for (;;) {
    const blocks = 1 + random.below(Math.min(BLOCKS_MOST, disk.blocks));
    const lba = random.below(disk.blocks - blocks + 1);
    const bytes = new Uint8Array(blocks * disk.block);
    random.fill(bytes);
    try {
      fixture.write(lba, bytes);
      disk.demandWritten(lba, bytes);
    } catch (error) {
      if (error !== cut.error) throw error;
      fixture.machine.reset(how);
      disk.demandTorn(lba, bytes);
      return [lba, blocks];
    }
  }
}

function cutAfter({ chassis }: Machine, time: Nanos): { readonly error: PowerCut } {
  const { clock } = chassis.board;
  const error = new PowerCut('the power fails');
  const timer = clock.timer('power', () => {
    clock.userCalls.keep(error);
    clock.remove(timer);
  });
  timer.arm(time);
  return { error };
}

function slow(base: MachineOptions): MachineOptions {
  return {
    ...plain(base),
    scsi: { ...base.scsi, latency: SOON },
    completion: { latency: [SOON, LATE], order: 'random' },
  };
}

function cached(base: MachineOptions): MachineOptions {
  const medium = new WriteBackMedium(new MemoryMedium(4 * FLUSHED), { seed: 1 });
  const disks = [{ medium, ...placeOfDisk(base) }];
  // A flush that is not awaited comes too late.
  return { ...plain(base), disks, scsi: { ...base.scsi, latency: SOON } };
}

export const POWER_CUT: readonly SuiteScenario[] = [
  {
    name: 'power that fails in the middle of writes',
    why: 'completed writes are there, and of others no more is read than the disk has',
    needs: ['scsi', 'read', 'write'],
    options: slow,
    act: (fixture) => writesInVain(fixture, fixture.machine.disks, 'power'),
  },
  {
    name: 'power that fails once they flushed a disk',
    why: 'a disk with a write cache keeps only what was flushed: SYNCHRONIZE CACHE has to reach it, of all that was written',
    needs: ['scsi', 'write', 'flush'],
    options: cached,
    act: (fixture) => cutsAfterFlush(fixture, fixture.machine.disks),
  },
  {
    name: 'a disk that fails to flush',
    why: 'what was written before a flush that fails is not safe, and must not be taken for it',
    needs: ['scsi', 'write', 'flush'],
    options: (base) => ({
      ...plain(base),
      disks: [{ medium: new UnsafeMedium(FLUSHED), ...placeOfDisk(base) }],
    }),
    act: (fixture) => failsToFlush(fixture, fixture.machine.disks[0]!.medium),
  },
];
