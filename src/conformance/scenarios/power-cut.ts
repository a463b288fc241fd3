import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Fixture } from './fixture.ts';
import { Disk, type Mover } from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';

const TIMES = 3;
const BLOCKS_MOST = 700;
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

export const POWER_CUT: readonly SuiteScenario[] = [
  {
    name: 'power that fails in the middle of writes',
    why: 'completed writes are there, and of others no more is read than the disk has',
    needs: ['scsi', 'read', 'write'],
    options: slow,
    act: (fixture) => writesInVain(fixture, fixture.machine.disks, 'power'),
  },
];
