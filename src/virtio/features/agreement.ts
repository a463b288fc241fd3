import type { BitSet } from '../../core/bit-set.ts';
import type { Fault } from '../faults/strictness.ts';
import { FEATURE } from '../registers.ts';

/** A feature that is useful only with one of others. */
export interface Dependency {
  readonly bit: number;
  readonly needs: readonly number[];
}

/** The state in which a modern driver sets FEATURES_OK. */
interface Agreement {
  readonly offered: BitSet;
  /** As the driver wrote them, including those that were not offered. */
  readonly requested: BitSet;
  readonly accepted: BitSet;
  readonly dependencies: readonly Dependency[];
}

/** Faults of it; a legacy device has no way to refuse. */
export function agreementFaults({ offered, requested, accepted, dependencies }: Agreement): Fault[] {
  const missed = (bit: number) => offered.has(bit) && !accepted.has(bit);
  const alone = ({ bit, needs }: Dependency) =>
    accepted.has(bit) && !needs.some((need) => accepted.has(need));
  const faults: Fault[] = [];
  if (dependencies.some(alone)) faults.push('feature without another');
  if (requested.words.some((word, i) => word !== accepted.words[i])) faults.push('feature not offered');
  if (missed(FEATURE.VERSION_1)) faults.push('no VERSION_1');
  if (missed(FEATURE.ACCESS_PLATFORM)) faults.push('no ACCESS_PLATFORM');
  return faults;
}

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
