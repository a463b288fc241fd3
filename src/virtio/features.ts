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

/** `needs` holds if one of its bits is taken too. */
export interface FeatureRule<Clause> {
  readonly clause: Clause;
  readonly bit: number;
  readonly needs: readonly number[];
}
