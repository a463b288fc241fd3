import type { Setup } from '../setup/setup.ts';

/**
 * Removes unneeded elements: first halves, then smaller pieces, finally single elements (Zeller and Hildebrandt,
 * Simplifying and Isolating Failure-Inducing Input, 2002).
 *
 * @param stillSo whether fewer elements reproduce the result of all.
 * @param deadline when to stop, by `performance.now()`.
 */
export function shorten<T>(
  all: readonly T[],
  stillSo: (fewer: readonly T[]) => boolean,
  deadline: number,
): readonly T[] {
  let kept = all;
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the end, since later elements depend on earlier ones.
    for (let at = kept.length - size; at > -size && performance.now() < deadline; at -= size) {
      const fewer = [...kept.slice(0, Math.max(0, at)), ...kept.slice(at + size)];
      if (stillSo(fewer)) kept = fewer;
    }
  }
  return kept;
}

/**
 * The minimum whole number from 1 to `most` for which `so` is true; `so(most)` is, and `so` is assumed to be
 * monotonic.
 */
export function least(most: number, so: (number: number) => boolean): number {
  let [low, high] = [1, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (so(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

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
