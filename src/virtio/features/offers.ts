import { BitSet } from '../../core/bit-set.ts';
import { LEGACY_ONLY } from '../registers.ts';

/** What each interface offers: bits that only legacy drivers know are not on the modern one. */
export class Offers {
  readonly legacy: BitSet;
  readonly modern: BitSet;

  constructor(bits: Iterable<number>) {
    const all = [...bits];
    this.legacy = BitSet.of(all);
    this.modern = BitSet.of(all.filter((bit) => !LEGACY_ONLY.includes(bit)));
  }

  /** For both interfaces. */
  add(bit: number): void {
    this.legacy.add(bit);
    this.modern.add(bit);
  }
}
