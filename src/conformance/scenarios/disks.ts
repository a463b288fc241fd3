import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { BLOCK } from '../../media/medium.ts';
import { type Fixture, later, mayGiveUp } from './fixture.ts';
import { Disk } from './frames.ts';
import { placeOfDisk, plain, type SuiteScenario } from './scenario.ts';

const MIB = 1 << 20;
/** Bytes: more than 2^32 blocks. */
const LARGE = 3 * 2 ** 40;
const MILLISECOND = 1_000_000;
/** Virtual nanoseconds from a command to its answer, and when a disk is pulled out: within one of the first. */
const [UNDER_WAY, PULLED] = [50_000, 130_000];
/** Entries of each ring; and how often a disk is removed and added, which causes more events. */
const [FEW, OFTEN] = [16, 20];

/** A disk in addition to the user's: only this one is changed. */
const withAnother = ({ disks = [{ bytes: MIB }], ...base }: MachineOptions): MachineOptions => ({
  ...base,
  disks: [...disks, { bytes: MIB }],
});

function resize({ machine, start, use }: Fixture): void {
  const disk = machine.disks.at(-1)!;
  start();
  use();
  for (const bytes of [4 * MIB, 2 * MIB]) {
    machine.resizeDisk(disk, bytes);
    machine.port.wait(() => false, MILLISECOND);
    use();
  }
}

function pullOut({ machine, start, use }: Fixture): void {
  const disk = machine.disks.at(-1)!;
  start();
  later(machine, () => machine.removeDisk(disk), PULLED);
  mayGiveUp(use);
  machine.port.wait(() => false, MILLISECOND);
  use();
}

function overflow({ machine, start, use }: Fixture): void {
  const { target, lun } = machine.disks.at(-1)!;
  start();
  use();
  for (let i = 0; i < OFTEN; i++) {
    machine.removeDisk(machine.disks.at(-1)!);
    machine.addDisk({ bytes: MIB, target, lun });
  }
  machine.removeDisk(machine.disks.at(-1)!);
  use();
  machine.port.wait(() => false, MILLISECOND);
  use();
}

/** Disks that change. */
export const DISKS: readonly SuiteScenario[] = [
  {
    name: 'a disk that gets another size',
    why: 'a unit attention comes in the place of an answer, and with it an event',
    needs: ['scsi'],
    provokes: ['virtio/SCSI-EVT-D2', 'virtio/SCSI-EVT-D4', 'virtio/SCSI-FEAT-D2'],
    options: withAnother,
    act: resize,
  },
  {
    name: 'a disk of more blocks than READ CAPACITY(10) can say',
    why: 'FFFFFFFF is no number of blocks, but asks for READ CAPACITY(16)',
    needs: ['scsi'],
    options: (base) => ({ ...base, disks: [{ bytes: LARGE, ...placeOfDisk(base) }] }),
  },
  {
    name: 'a disk that is pulled out while they use it',
    why: 'commands end with an error, and the other disks go on',
    needs: ['scsi'],
    options: (base) => ({ ...withAnother(base), scsi: { ...base.scsi, latency: UNDER_WAY } }),
    act: pullOut,
  },
  {
    name: 'more events than they have buffers for',
    why: 'EVENTS_MISSED says that there were more: the bus is to be looked at afresh',
    needs: ['scsi'],
    provokes: ['virtio/SCSI-EVT-D2', 'virtio/SCSI-EVT-D4', 'virtio/SCSI-EVT-D5'],
    options: (base) => ({ ...withAnother(base), scsi: { ...base.scsi, ringSize: FEW } }),
    act: overflow,
  },
];

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
    why: 'if the status is not GOOD, the buffer holds no data',
    needs: ['scsi', 'read'],
    options: plain,
    act: reads,
  },
  {
    name: 'a disk that has something else to say than that they wrote',
    why: 'a write that the disk did not take must be sent again, or reported',
    needs: ['scsi', 'write'],
    options: plain,
    act: writes,
  },
  {
    name: 'a disk that is busy for long',
    why: 'a driver that asks again at once keeps it busy',
    provokes: ['scsi/BUSY-RETRY'],
    needs: ['scsi', 'read'],
    options: plain,
    act: isBusy,
  },
];
