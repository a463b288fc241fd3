import type { Random } from '../../core/random.ts';
import { foreignFeatures, RESERVED_FEATURES, UNDESCRIBED_FEATURES } from '../registers.ts';

/** Features to offer though they mean nothing, one of each kind: the first is there for legacy drivers too. */
export function pickBaits(random: Random, virtioId: number): readonly number[] {
  const one = (bits: readonly number[]) => bits[random.below(bits.length)]!;
  return [one(UNDESCRIBED_FEATURES), one(RESERVED_FEATURES), one(foreignFeatures(virtioId))];
}
