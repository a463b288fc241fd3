import { type InterruptMode, ScsiHost } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DriverModel } from '../model.ts';
import { referenceDrivers } from '../reference.ts';
import type { Scenario } from './scenario.ts';

const MIB = 1 << 20;
/** A megabyte goes in several requests at a time, each in as many pieces as one may have. */
const DATA = new Uint8Array(MIB).fill(0x5a);
const BLOCK = 512;
const LATENCY = 50_000;

/** Takes up what happened, and moves a megabyte each way on the disk that stays. */
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
        scsi: { latency: LATENCY },
      }),
    model: () => movesData('msix'),
    act: comeAndGo,
  },
  {
    name: 'the same disks with lists in packed rings',
    machine: () => gceN1({ virtio: 'modern', ringFeatures: ['RING_PACKED'], scsi: { latency: LATENCY } }),
    model: () => movesData('msix'),
  },
];
