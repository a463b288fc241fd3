import { LEGACY_ONLY } from '../registers.ts';

/** A set of feature bits, 0 to 127, as 32-bit words. */
export class FeatureSet {
  readonly words = new Uint32Array(4);

  static of(bits: Iterable<number>): FeatureSet {
    const set = new FeatureSet();
    for (const bit of bits) set.add(bit);
    return set;
  }

  add(bit: number): void {
    this.words[bit >> 5]! |= 1 << (bit & 31);
  }

  has(bit: number): boolean {
    return ((this.words[bit >> 5]! >>> (bit & 31)) & 1) !== 0;
  }

  clear(): void {
    this.words.fill(0);
  }
}

/** What each interface offers: bits that only legacy drivers know are not on the modern one. */
export class Offers {
  readonly legacy: FeatureSet;
  readonly modern: FeatureSet;

  constructor(bits: Iterable<number>) {
    const all = [...bits];
    this.legacy = FeatureSet.of(all);
    this.modern = FeatureSet.of(all.filter((bit) => !LEGACY_ONLY.includes(bit)));
  }

  /** For both interfaces. */
  add(bit: number): void {
    this.legacy.add(bit);
    this.modern.add(bit);
  }
}

/** `needs` holds if one of its bits is taken too. */
export interface FeatureRule<Clause> {
  readonly clause: Clause;
  readonly bit: number;
  readonly needs: readonly number[];
}
