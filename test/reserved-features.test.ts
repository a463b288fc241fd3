import { describe, expect, test } from 'vitest';
import { virtioNetDriver, virtioRngDriver, virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';

/** Enough to meet each bit of the smallest kind, of which there are three, many times. */
const SEEDS = Array.from({ length: 32 }, (_, seed) => seed);

describe.each(['legacy', 'modern'] as const)('reserved features of a %s machine', (virtio) => {
  test('are left alone by the reference drivers, whatever the seed', () => {
    const findings = SEEDS.flatMap((seed) => {
      const machine = gceN1({ seed, virtio, rng: true, reservedFeatures: true });
      for (const driver of [virtioNetDriver, virtioScsiDriver, virtioRngDriver])
        machine.attach<unknown>(driver);
      return machine.findings.map(({ clause }) => clause);
    });

    expect(findings).toEqual([]);
  });

  test('are met by who boots', () => {
    const machine = gceN1({ virtio, reservedFeatures: true });
    machine.attach(virtioNetDriver);

    expect(machine.journal.reached('virtio/FEAT-D5')).toBe(true);
  });

  test('are there only when asked for', () => {
    const machine = gceN1({ virtio });
    machine.attach(virtioNetDriver);

    expect(machine.journal.reached('virtio/FEAT-D5')).toBe(false);
  });
});

test('SR_IOV, which no function here can do, may be offered, and is left alone', () => {
  const machine = gceN1({ virtio: 'modern', ringFeatures: ['SR_IOV'] });
  machine.attach(virtioNetDriver);

  expect([machine.journal.reached('virtio/RFEAT-D8'), machine.findings]).toEqual([true, []]);
});
