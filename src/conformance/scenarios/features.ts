import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { SomeFeatures, VirtioView } from '../../machine/virtio-view.ts';
import {
  foreignFeatures,
  RESERVED_FEATURES,
  UNDESCRIBED_FEATURES,
  VIRTIO_ID,
} from '../../virtio/registers.ts';
import type { Fixture } from './fixture.ts';
import type { SuiteScenario } from './scenario.ts';

/** Whether devices offer undefined bits: twice they do not, then they do. */
const TURNS = [false, false, true];

/** Brings the drivers up by `start` on devices that offer undefined bits, and before that on the same without them. */
export function meetUndefinedFeatures(machine: Machine, start: () => void): void {
  for (const strange of TURNS) {
    machine.reset('power');
    for (const device of machine.virtio) {
      const type = device.name.startsWith('net') ? VIRTIO_ID.net : VIRTIO_ID.rng;
      const without = [...UNDESCRIBED_FEATURES, ...RESERVED_FEATURES, ...foreignFeatures(type)];
      device.offer({ without: strange ? [] : device.features.filter((bit) => without.includes(bit)) });
    }
    start();
  }
  machine.reset('power');
}

/** The number of draws for one seed. */
const DRAWS = 2;

/** While the power is off, the host replaces the devices. */
function startAnew({ machine, start, use }: Fixture, offer: (device: VirtioView) => void): void {
  machine.reset('power');
  machine.virtio.forEach(offer);
  start();
  use();
}

/** As often as a device has features: one is removed from each device, in the order of their bits. */
function inTurn(pick: (bit: number) => SomeFeatures): (fixture: Fixture) => void {
  return (fixture) => {
    const turns = Math.max(...fixture.machine.virtio.map(({ features }) => features.length));
    for (let turn = 0; turn < turns; turn++)
      startAnew(fixture, (device) => {
        const bit = device.features[turn];
        device.offer(bit === undefined ? { without: [] } : pick(bit));
      });
  };
}

function draw(fixture: Fixture): void {
  const random = new Random(fixture.machine.seed);
  for (let i = 0; i < DRAWS; i++)
    startAnew(fixture, (device) =>
      device.offer({ without: device.features.filter(() => random.below(2) === 0) }),
    );
}

/** Entries of each ring: drivers that start often need not have room for many. */
const FEW = 64;

/** Frames are received, too: their buffers depend on features. */
const withWire = ({ nics = [{}], scsi, ...base }: MachineOptions): MachineOptions => ({
  ...base,
  scsi: { ...scsi, ringSize: FEW },
  nics: nics.map((nic) => ({ backend: 'loopback', ...nic, ringSize: FEW })),
});

/** Devices offer undefined bits, without notice. */
function strangers({ machine, start, use }: Fixture): void {
  meetUndefinedFeatures(machine, () => {
    start();
    use();
  });
}

/** Devices that offer less than others of their type. */
export const FEATURES: readonly SuiteScenario[] = [
  {
    name: 'devices that after a while offer bits which mean nothing',
    why: 'undefined bits change nothing',
    needs: ['virtio'],
    provokes: ['virtio/FEAT-D4', 'virtio/FEAT-D11'],
    once: true,
    options: (base) => ({ ...withWire(base), reservedFeatures: true }),
    act: strangers,
  },
  {
    name: 'devices without one of their features, each in turn',
    why: 'a feature that is not offered must be neither accepted nor used',
    meets: [
      'virtio/FEAT-D10',
      'virtio/VQ-DESC-D2',
      'virtio/PACKED-SG',
      'virtio/PACKED-IND-D1',
      'virtio/NET-TX',
      'virtio/NET-CFG-D4',
      'virtio/NET-RXB',
    ],
    needs: ['virtio', 'drivers'],
    once: true,
    options: withWire,
    act: inTurn((bit) => ({ without: [bit] })),
  },
  {
    name: 'devices with one feature alone, each in turn',
    why: 'a feature that always came with another may come without it',
    needs: ['virtio', 'drivers'],
    once: true,
    options: withWire,
    act: inTurn((bit) => ({ only: [bit] })),
  },
  {
    name: 'devices with some of their features, as chance has it',
    why: 'no two devices offer the same',
    needs: ['virtio', 'drivers'],
    options: withWire,
    act: draw,
  },
];
