import { describe, expect, test } from 'vitest';
import {
  enumerate,
  isVirtio,
  type VIRTIO_ID,
  virtioBalloonDriver,
  virtioNetDriver,
  virtioRngDriver,
  virtioScsiDriver,
} from '../../src/guest/index.ts';
import { findStructures } from '../../src/guest/virtio/modern-structures.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import { driver_feature, driver_feature_select } from '../../src/virtio/transport/modern/registers.ts';

/** Enough to meet each bit of the smallest kind, of which there are three, many times. */
const SEEDS = Array.from({ length: 32 }, (_, seed) => seed);

describe.each(['legacy', 'modern'] as const)('reserved features of a %s machine', (virtio) => {
  test('are not accepted by the reference drivers, with any seed', () => {
    const findings = SEEDS.flatMap((seed) => {
      const machine = gceN1({ seed, virtio, rng: true, reservedFeatures: true });
      for (const driver of [virtioNetDriver, virtioScsiDriver, virtioRngDriver])
        machine.attach<unknown>(driver);
      return machine.findings.map(({ clause }) => clause);
    });

    expect(findings).toEqual([]);
  });

  test('are reached by a booting driver', () => {
    const machine = gceN1({ virtio, reservedFeatures: true });
    machine.attach(virtioNetDriver);

    expect(machine.journal.reached('virtio/FEAT-D5')).toBe(true);
  });

  test('are there only on request', () => {
    const machine = gceN1({ virtio });
    machine.attach(virtioNetDriver);

    expect(machine.journal.reached('virtio/FEAT-D5')).toBe(false);
  });
});

/** All that a modern function may offer, except features that no driver may accept. */
const ALL = {
  memory: { below4G: 16 << 20 },
  ringFeatures: [
    'INDIRECT_DESC',
    'EVENT_IDX',
    'ACCESS_PLATFORM',
    'RING_PACKED',
    'IN_ORDER',
    'ORDER_PLATFORM',
  ],
  nics: [{ queues: 2, mergeable: true }],
  balloon: true,
  rng: true,
} as const satisfies MachineOptions;

/** The two words of features that the driver of a modern function accepted. */
function accepted({ port }: Machine, type: keyof typeof VIRTIO_ID): string[] {
  const { bdf } = enumerate(port).find((one) => isVirtio(one.id, type))!;
  const { common } = findStructures(port, bdf)!;
  return [0, 1].map((word) => {
    port.write(common + driver_feature_select.offset, word, 4);
    return port.read(common + driver_feature.offset, 4).toString(16);
  });
}

test.each([
  ['net', virtioNetDriver],
  ['scsi', virtioScsiDriver],
  ['rng', virtioRngDriver],
  ['balloon', virtioBalloonDriver],
] as const)(
  'the %s driver takes beside them all that it takes without them, whatever the seed',
  (name, driver) => {
    const taken = (seed: number, reservedFeatures: boolean) => {
      const machine = gceN1({ ...ALL, virtio: 'modern', seed, reservedFeatures });
      machine.attach<unknown>(driver);
      return accepted(machine, name);
    };
    const beside = SEEDS.slice(0, 12).map((seed) => taken(seed, true));

    expect(new Set(beside.map(String))).toEqual(new Set([String(taken(0, false))]));
  },
);

test('SR_IOV, which no function here can do, may be offered, and is not accepted', () => {
  const machine = gceN1({ virtio: 'modern', ringFeatures: ['SR_IOV'] });
  machine.attach(virtioNetDriver);

  expect([machine.journal.reached('virtio/RFEAT-D8'), machine.findings]).toEqual([true, []]);
});
