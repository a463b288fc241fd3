import { describe, expect, test } from 'vitest';
import type { FoundFunction } from '../../../core/driver.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { enumerate } from '../../pci/enumerate.ts';
import { BROKEN_DRIVERS } from './index.ts';

const MIB = 1 << 20;
/**
 * A truncated address must lead out of RAM to be seen, who takes everything needs something to take, and the balloon
 * must be asked for.
 */
function machineFor() {
  const machine = gceN1({
    memory: { below4G: 2 * MIB, above4G: 32 * MIB, driversAbove4G: true },
    reservedFeatures: true,
    balloon: true,
  });
  machine.balloon!.target = 2;
  return machine;
}

/** Models that a device sees through; the others give a wrong list, which whoever asked for it sees. */
const SEEN = BROKEN_DRIVERS.filter(({ clause }) => clause !== 'pci/BAR-SIZE' && clause !== 'pci/FUNCTIONS');
const WRONG_LISTS = BROKEN_DRIVERS.filter((broken) => !SEEN.includes(broken));

function boot({ model }: (typeof BROKEN_DRIVERS)[number]) {
  const machine = machineFor();
  const { port } = machine;
  const functions: readonly FoundFunction[] = (model.enumerate ?? enumerate)(port);
  const handles = functions.flatMap(({ bdf, id }) =>
    (model.drivers ?? []).filter((driver) => driver.matches(id)).map((driver) => driver.attach(port, bdf)),
  );
  model.run?.(port, handles);
  return { machine, functions };
}

describe('each broken driver', () => {
  test.each(SEEN.map((broken) => [broken.model.name, broken] as const))(
    'that %s breaks its clause and no other',
    (_name, broken) => {
      const { machine } = boot(broken);

      expect([...new Set(machine.findings.map(({ clause }) => clause))]).toEqual([broken.clause]);
    },
  );

  test.each(WRONG_LISTS.map((broken) => [broken.model.name, broken] as const))(
    'that %s finds another machine',
    (_name, broken) => {
      const { functions } = boot(broken);

      expect(functions).not.toEqual(enumerate(machineFor().port));
    },
  );
});
