import fc from 'fast-check';
import { expect, test } from 'vitest';
import { behind } from '../src/conformance/broken/behind.ts';
import { judge } from '../src/conformance/index.ts';
import { referenceDrivers } from '../src/conformance/reference.ts';
import type { Driver } from '../src/core/driver.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { barAddress } from '../src/guest/pci/bars.ts';
import { findStructures } from '../src/guest/virtio/modern-structures.ts';
import { gceN1, type MachineOptions, qemuPc } from '../src/index.ts';
import { CLAUSE_IDS, CLAUSES } from '../src/rules/index.ts';
import { RINGS } from '../src/rules/virtio/queue/rings.ts';
import { QUEUE_NOTIFY } from '../src/virtio/registers.ts';

const RING_RULES: readonly string[] = Object.keys(RINGS);
/** Clauses of chains: a guest may set up a ring and then offer nothing. */
const CHAIN_RULES = Object.entries(RINGS)
  .filter(([, { on }]) => ![on].flat().includes('placed' as never))
  .map(([clause]) => clause);
const KICK_RULES = CLAUSE_IDS.filter((id) => CLAUSES[id].where.endsWith('Available Buffer Notifications'));

/** Whole machines, with a ring in every kind of memory. */
const machines = fc
  .record({
    make: fc.constantFrom(gceN1, qemuPc),
    seed: fc.nat(),
    vcpus: fc.integer({ min: 1, max: 3 }),
    virtio: fc.constantFrom('legacy', 'transitional', 'modern'),
    features: fc.subarray([
      'INDIRECT_DESC',
      'EVENT_IDX',
      'RING_PACKED',
      'IN_ORDER',
      'ACCESS_PLATFORM',
    ] as const),
  })
  .map(({ make, features, virtio, ...rest }) => {
    const ringFeatures = virtio === 'legacy' ? {} : { ringFeatures: features };
    const options: MachineOptions = { ...rest, ...ringFeatures, virtio, balloon: true, rng: true };
    return () => make(options);
  });

/** Every write of a notification register is lost. */
function withoutKicks(port: GuestPort, bdf: number): GuestPort {
  const modern = findStructures(port, bdf);
  const header = barAddress(port, bdf, 0)?.address ?? 0;
  const isKick = (at: number) => modern !== null && at >= modern.notify && at < modern.notify + 0x800;
  return behind(port, {
    out: (at, value, width) => {
      if (at !== header + QUEUE_NOTIFY.offset) port.out(at, value, width);
    },
    write: (at, value, width) => {
      if (!isKick(at)) port.write(at, value, width);
    },
  });
}

const silent = referenceDrivers().map(
  (driver): Driver<unknown> => ({
    ...driver,
    attach: (port, bdf) => driver.attach(withoutKicks(port, bdf), bdf),
  }),
);

function metBy(drivers: readonly Driver<unknown>[], machine: () => ReturnType<typeof gceN1>): string[] {
  const { verdicts } = judge({ name: 'idle', drivers }, { machine });
  return verdicts.filter(({ outcome }) => outcome !== 'unreached').map(({ clause }) => clause);
}

test('a guest that only enumerates reaches no rule of rings', () => {
  fc.assert(
    fc.property(machines, (machine) => {
      const met = metBy([], machine);
      expect(met.filter((clause) => RING_RULES.includes(clause))).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

test('a guest that initialises and never kicks reaches no rule of kicks or chains', () => {
  fc.assert(
    fc.property(machines, (machine) => {
      const met = metBy(silent, machine);
      expect(met.filter((clause) => CHAIN_RULES.includes(clause))).toEqual([]);
      expect(met.filter((clause) => (KICK_RULES as string[]).includes(clause))).toEqual([]);
    }),
    { numRuns: 10 },
  );
});
