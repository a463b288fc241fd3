import type { Setup } from '../setup/setup.ts';

const MIB = 1 << 20;

type Simpler = (setup: Setup) => Setup;

/** Steps that each remove one complication. */
const SIMPLER: readonly Simpler[] = [
  (setup) => ({ ...setup, listeners: false }),
  (setup) => ({ ...setup, wire: 'none' }),
  (setup) => ({ ...setup, profile: 'gceN1' }),
  (setup) => ({ ...setup, nics: [{}] }),
  (setup) => ({ ...setup, ram: { kind: 'guarded', below4G: 4 * MIB, above4G: 0, staging: 0 } }),
  (setup) => ({ ...setup, disks: setup.disks.map((disk) => ({ ...disk, kind: 'guarded', bytes: MIB })) }),
  (setup) => ({ ...setup, disks: setup.disks.slice(0, 1) }),
];

/** Finds a simpler setup that reproduces the same. */
export function simplify(setup: Setup, stillSo: (simpler: Setup) => boolean): Setup {
  const without = Object.keys(setup.options).map(
    (key): Simpler =>
      ({ options, ...rest }) => ({
        ...rest,
        options: Object.fromEntries(Object.entries(options).filter(([name]) => name !== key)),
      }),
  );
  let kept = setup;
  for (const simpler of [...SIMPLER, ...without]) {
    const tried = simpler(kept);
    if (JSON.stringify(tried) !== JSON.stringify(kept) && stillSo(tried)) kept = tried;
  }
  return kept;
}
