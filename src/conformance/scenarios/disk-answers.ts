import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import { BLOCK } from '../../media/medium.ts';
import { type Fixture, mayGiveUp } from './fixture.ts';
import { Disk } from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';

type Refusal = Parameters<Machine['refuseCommands']>[1];

/** Statuses that a disk may return in place of data. */
const OTHERWISE: readonly Refusal[] = [
  'unit attention',
  'medium error',
  'busy',
  'task set full',
  'reservation conflict',
];
/** Blocks of a request; and a number of busy answers that exceeds the retries of any driver that waits between them. */
const [BLOCKS, LONG] = [8, 400];

/** The block of a request, so that no two requests of one run are for the same blocks. */
const placeOf = (turn: number) => turn * BLOCKS;

/** A driver may report a failed read in any way: it throws, or returns fewer bytes. */
function readsAllTheSame(fixture: Fixture, disk: Disk, lba: number): void {
  let got = new Uint8Array();
  mayGiveUp(() => {
    got = Uint8Array.from(fixture.read(lba, BLOCKS));
  });
  if (got.length >= BLOCKS * BLOCK) disk.demandRead(lba, BLOCKS, got);
}

function reads(fixture: Fixture): void {
  const { machine } = fixture;
  const disk = new Disk(machine, new Random(machine.seed));
  fixture.start();
  readsAllTheSame(fixture, disk, placeOf(0));
  for (const [i, refusal] of OTHERWISE.entries()) {
    machine.refuseCommands(machine.disks[0]!, refusal);
    readsAllTheSame(fixture, disk, placeOf(i + 1));
  }
}

function writes(fixture: Fixture): void {
  const { machine } = fixture;
  const random = new Random(machine.seed);
  const disk = new Disk(machine, random);
  fixture.start();
  for (const [i, refusal] of OTHERWISE.entries()) {
    const bytes = new Uint8Array(BLOCKS * BLOCK);
    random.fill(bytes);
    machine.refuseCommands(machine.disks[0]!, refusal);
    const isDone = mayGiveUp(() => fixture.write(placeOf(i), bytes));
    if (isDone) disk.demandWritten(placeOf(i), bytes);
  }
}

function isBusy(fixture: Fixture): void {
  const { machine } = fixture;
  const disk = new Disk(machine, new Random(machine.seed));
  fixture.start();
  readsAllTheSame(fixture, disk, placeOf(0));
  machine.refuseCommands(machine.disks[0]!, 'busy', LONG);
  readsAllTheSame(fixture, disk, placeOf(1));
  readsAllTheSame(fixture, disk, placeOf(2));
}

/** Disks that refuse commands. */
export const DISK_ANSWERS: readonly SuiteScenario[] = [
  {
    name: 'a disk that has something else to say than what they read',
    why: 'where the status is not GOOD, what lies in the buffer is no data',
    needs: ['read'],
    options: plain,
    act: reads,
  },
  {
    name: 'a disk that has something else to say than that they wrote',
    why: 'what it did not take is to be sent again, or their caller told',
    needs: ['write'],
    options: plain,
    act: writes,
  },
  {
    name: 'a disk that is busy for long',
    why: 'a driver that asks again at once keeps it busy',
    provokes: ['scsi/BUSY-RETRY'],
    needs: ['read'],
    options: plain,
    act: isBusy,
  },
];
