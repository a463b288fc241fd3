import { FEATURE } from '../registers.ts';
import type { Dependency } from './agreement.ts';

/** Of `possible`, those in `bits` and one of each that they need; VERSION_1 in any case. */
export function only(
  bits: readonly number[],
  possible: readonly number[],
  dependencies: readonly Dependency[],
): Set<number> {
  const chosen = new Set([...bits, FEATURE.VERSION_1].filter((bit) => possible.includes(bit)));
  // A feature that is added here is come by later: a Set is walked to its end as it grows.
  for (const one of chosen)
    for (const { needs } of dependencies.filter(({ bit }) => bit === one)) {
      const met = needs.some((need) => chosen.has(need));
      const need = needs.find((candidate) => possible.includes(candidate));
      if (!met && need !== undefined) chosen.add(need);
    }
  return chosen;
}

/** Of `possible`, all but those in `bits`, and those that need one of them; VERSION_1 in any case. */
export function without(
  bits: readonly number[],
  possible: readonly number[],
  dependencies: readonly Dependency[],
): Set<number> {
  const chosen = new Set(possible.filter((bit) => bit === FEATURE.VERSION_1 || !bits.includes(bit)));
  let before: number;
  do {
    before = chosen.size;
    for (const { bit, needs } of dependencies)
      if (!needs.some((need) => chosen.has(need))) chosen.delete(bit);
  } while (chosen.size !== before);
  return chosen;
}
