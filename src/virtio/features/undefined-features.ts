import type { Random } from '../../core/random.ts';
import { foreignFeatures, RESERVED_FEATURES, UNDESCRIBED_FEATURES } from '../registers.ts';

/** Meaningless features to offer, one of each kind: the first is visible to legacy drivers too. */
export function pickUndefinedFeatures(random: Random, virtioId: number): readonly number[] {
  const one = (bits: readonly number[]) => bits[random.below(bits.length)]!;
  return [one(UNDESCRIBED_FEATURES), one(RESERVED_FEATURES), one(foreignFeatures(virtioId))];
}
