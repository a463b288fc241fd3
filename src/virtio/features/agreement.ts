import type { BitSet } from '../../core/bit-set.ts';
import type { Fault } from '../faults/strictness.ts';
import { FEATURE } from '../registers.ts';

/** A feature that is of use only with one of others. */
export interface Dependency {
  readonly bit: number;
  readonly needs: readonly number[];
}

/** What a driver of the modern interface sets FEATURES_OK on. */
interface Agreement {
  readonly offered: BitSet;
  /** As the driver wrote them, those that were not offered included. */
  readonly requested: BitSet;
  readonly accepted: BitSet;
  readonly dependencies: readonly Dependency[];
}

/** What may be wrong with it; a legacy device has no way to refuse. */
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
