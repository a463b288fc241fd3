import { FEATURE } from '../registers.ts';
import type { Dependency } from './agreement.ts';

/** Of `possible`, those in `bits` and one of each that they need; always VERSION_1. */
export function only(
  bits: readonly number[],
  possible: readonly number[],
  dependencies: readonly Dependency[],
): Set<number> {
  const chosen = new Set([...bits, FEATURE.VERSION_1].filter((bit) => possible.includes(bit)));
  // Features added here are visited later: iteration over a Set includes elements added meanwhile.
  for (const one of chosen)
    for (const { needs } of dependencies.filter(({ bit }) => bit === one)) {
      const met = needs.some((need) => chosen.has(need));
      const need = needs.find((candidate) => possible.includes(candidate));
      if (!met && need !== undefined) chosen.add(need);
    }
  return chosen;
}

/** Of `possible`, all but those in `bits` and those that need one of them; always VERSION_1. */
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
