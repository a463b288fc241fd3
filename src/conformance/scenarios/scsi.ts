import { type InterruptMode, ScsiHost } from '../../guest/index.ts';
import { readCapacity10, testUnitReady } from '../../guest/scsi/commands.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { DriverModel } from '../model.ts';
import { referenceDrivers } from '../reference.ts';
import type { Scenario } from './scenario.ts';

const MIB = 1 << 20;
/** A megabyte goes in several requests at a time, each in as many pieces as one may have. */
const DATA = new Uint8Array(MIB).fill(0x5a);
const BLOCK = 512;
const LATENCY = 50_000;
const MILLISECOND = 1_000_000;

/** Handles the events, and moves a megabyte each way on the disk that stays. */
function movesData(interrupts: InterruptMode): DriverModel {
  return {
    name: 'reference disks',
    drivers: referenceDrivers(interrupts),
    run: (_port, handles) => {
      for (const host of handles) {
        if (!(host instanceof ScsiHost)) continue;
        host.events();
        host.write(1, 0, DATA);
        host.flush(1);
        host.unmap(1, [{ lba: 0, blocks: 8 }]);
        host.read(1, 0, MIB / BLOCK);
        host.resetUnit(1);
      }
    },
  };
}

function comeAndGo(machine: Machine, use: () => void): void {
  use();
  const disk = machine.addDisk({ bytes: MIB });
  use();
  machine.removeDisk(disk);
  use();
}

/** As a driver that uses the shorter READ CAPACITY, and the longer if the number is too large. */
export const asksTenFirst: DriverModel = {
  name: 'reference that asks READ CAPACITY(10) first',
  drivers: referenceDrivers('polled'),
  run: (_port, handles) => {
    for (const host of handles) {
      if (!(host instanceof ScsiHost)) continue;
      host.execute(1, 0, readCapacity10());
      host.readCapacity(1);
      host.read(1, 0, 1);
    }
  },
};

/** A disk of more blocks than READ CAPACITY(10) can report, few of which are written. */
export const LARGE_DISK: MachineOptions = { disks: [{ bytes: 3 * 2 ** 40 }] };
/** A target with a unit in addition to LUN 0, and an adapter whose events are longer than those that drivers know. */
export const FURTHER_UNIT: MachineOptions = {
  disks: [{ bytes: MIB }, { bytes: MIB, target: 1, lun: 1 }],
  scsi: { eventInfoSize: 32 },
};
/** Fewer entries than commands that one unit takes. */
export const SHORT_RING = 32;

/** More than it has buffers for events. */
const MANY_DISKS = 12;

function changeAndGo(machine: Machine, use: () => void): void {
  use();
  machine.resizeDisk(machine.disks[0]!, 2 * MIB);
  use();
  for (const disk of machine.disks.slice(1)) machine.removeDisk(disk);
  use();
  use();
}

/** It reports that it is busy, and then is not. */
function isBusy(machine: Machine, use: () => void): void {
  machine.refuseCommands(machine.disks[0]!, 'busy');
  use();
}

/** Retries a busy disk once more, later. */
const asksLater: DriverModel = {
  name: 'reference that asks later',
  drivers: referenceDrivers('polled'),
  run: (port, handles) => {
    for (const host of handles) {
      if (!(host instanceof ScsiHost)) continue;
      host.execute(1, 0, testUnitReady());
      port.wait(() => false, MILLISECOND);
      host.testUnitReady(1);
    }
  },
};

export const SCSI_SCENARIOS: readonly Scenario[] = [
  {
    name: 'disks that come and go while much is under way',
    machine: () => gceN1({ scsi: { latency: LATENCY } }),
    model: () => movesData('intx'),
    act: comeAndGo,
  },
  {
    name: 'the same disks behind the modern interface, with packed rings',
    machine: () =>
      gceN1({
        virtio: 'modern',
        ringFeatures: ['RING_PACKED', 'INDIRECT_DESC', 'EVENT_IDX'],
        scsi: { latency: LATENCY, ringSize: SHORT_RING },
      }),
    model: () => movesData('msix'),
    act: comeAndGo,
  },
  {
    name: 'a target of two units, and events that are longer than they know',
    machine: () => gceN1(FURTHER_UNIT),
    act: comeAndGo,
  },
  {
    name: 'a disk that gets another size, and more that go than they have buffers for',
    machine: () => gceN1({ disks: Array.from({ length: MANY_DISKS }, () => ({ bytes: MIB })) }),
    act: changeAndGo,
  },
  { name: 'a disk that is busy', machine: () => gceN1(), model: () => asksLater, act: isBusy },
  {
    name: 'a disk of more than 2 TiB',
    machine: () => gceN1(LARGE_DISK),
    model: () => asksTenFirst,
  },
  {
    name: 'the same disks with lists in packed rings',
    machine: () => gceN1({ virtio: 'modern', ringFeatures: ['RING_PACKED'], scsi: { latency: LATENCY } }),
    model: () => movesData('msix'),
  },
];
