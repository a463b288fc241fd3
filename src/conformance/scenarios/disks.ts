import type { MachineOptions } from '../../machine/options.ts';
import { type Fixture, later, mayGiveUp } from './fixture.ts';
import type { SuiteScenario } from './scenario.ts';

const MIB = 1 << 20;
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
    needs: ['virtio'],
    provokes: ['virtio/SCSI-EVT-D2', 'virtio/SCSI-EVT-D4', 'virtio/SCSI-FEAT-D2'],
    options: withAnother,
    act: resize,
  },
  {
    name: 'a disk that is pulled out while they use it',
    why: 'commands end with an error, and the other disks go on',
    needs: ['virtio'],
    options: (base) => ({ ...withAnother(base), scsi: { ...base.scsi, latency: UNDER_WAY } }),
    act: pullOut,
  },
  {
    name: 'more events than they have buffers for',
    why: 'EVENTS_MISSED says that there were more: the bus is to be looked at afresh',
    needs: ['virtio'],
    provokes: ['virtio/SCSI-EVT-D2', 'virtio/SCSI-EVT-D4', 'virtio/SCSI-EVT-D5'],
    options: (base) => ({ ...withAnother(base), scsi: { ...base.scsi, ringSize: FEW } }),
    act: overflow,
  },
];
