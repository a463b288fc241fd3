import { BitSet } from '../../core/bit-set.ts';
import { LEGACY_ONLY } from '../registers.ts';

/** What each interface offers: bits that only legacy drivers know are not on the modern one. */
export class Offers {
  readonly legacy: BitSet;
  readonly modern: BitSet;
  private readonly all: number[];
  private reduced = false;

  constructor(bits: Iterable<number>) {
    this.all = [...bits];
    this.legacy = BitSet.of(this.all);
    this.modern = BitSet.of(this.all.filter((bit) => !LEGACY_ONLY.includes(bit)));
  }

  /** For both interfaces. */
  add(bit: number): void {
    this.all.push(bit);
    this.legacy.add(bit);
    this.modern.add(bit);
  }

  /** All that the device can offer, whatever it offers now. */
  get possible(): readonly number[] {
    return this.all;
  }

  /** Whether it offers less than it can. */
  get isReduced(): boolean {
    return this.reduced;
  }

  /** From now on only these of them. */
  choose(bits: ReadonlySet<number>): void {
    this.reduced = this.all.some((bit) => !bits.has(bit));
    this.legacy.clear();
    this.modern.clear();
    for (const bit of this.all.filter((one) => bits.has(one))) {
      this.legacy.add(bit);
      if (!LEGACY_ONLY.includes(bit)) this.modern.add(bit);
    }
  }
}
