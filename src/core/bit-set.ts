/** A set of bits, 0 to 127, as 32-bit words: the features of a virtio device. */
export class BitSet {
  readonly words = new Uint32Array(4);

  static of(bits: Iterable<number>): BitSet {
    const set = new BitSet();
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
