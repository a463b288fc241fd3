import { BitSet } from '../../core/bit-set.ts';
import type { Random } from '../../core/random.ts';
import { foreignFeatures, LEGACY_ONLY, RESERVED_FEATURES, UNDESCRIBED_FEATURES } from '../registers.ts';

/** The legacy interface has one register of features. */
const LEGACY_BITS = 32;

/** What each interface offers: bits for legacy drivers only are not on the modern one. */
export class Offers {
  readonly legacy = new BitSet();
  readonly modern = new BitSet();
  private readonly all: number[];
  private reduced = false;

  constructor(bits: Iterable<number>) {
    this.all = [...new Set(bits)];
    for (const bit of this.all) this.show(bit);
  }

  /** For both interfaces. */
  add(bit: number): void {
    this.all.push(bit);
    this.show(bit);
  }

  /** All that the device can offer, independent of what it offers now. */
  get possible(): readonly number[] {
    return this.all;
  }

  /** Whether it offers less than it can. */
  get isReduced(): boolean {
    return this.reduced;
  }

  /** Limits the offer to these. */
  choose(bits: ReadonlySet<number>): void {
    this.reduced = this.all.some((bit) => !bits.has(bit));
    this.legacy.clear();
    this.modern.clear();
    for (const bit of this.all) if (bits.has(bit)) this.show(bit);
  }

  private show(bit: number): void {
    if (bit < LEGACY_BITS) this.legacy.add(bit);
    if (!LEGACY_ONLY.includes(bit)) this.modern.add(bit);
  }
}

/** Meaningless features to offer, one of each kind: the first is visible to legacy drivers too. */
export function pickUndefinedFeatures(random: Random, virtioId: number): readonly number[] {
  const one = (bits: readonly number[]) => bits[random.below(bits.length)]!;
  return [one(UNDESCRIBED_FEATURES), one(RESERVED_FEATURES), one(foreignFeatures(virtioId))];
}
