const WORDS = 8;

/** A set of interrupt vectors, 0 to 255, as the eight words of a local APIC's ISR, TMR or IRR. */
export class VectorSet {
  private readonly words = new Uint32Array(WORDS);

  has(vector: number): boolean {
    return (this.words[vector >> 5]! & (1 << (vector & 31))) !== 0;
  }

  put(vector: number, on: boolean): void {
    const bit = 1 << (vector & 31);
    const word = this.words[vector >> 5]!;
    this.words[vector >> 5] = on ? word | bit : word & ~bit;
  }

  /** Vectors `index` * 32 to `index` * 32 + 31, a bit each. */
  word(index: number): number {
    return this.words[index]!;
  }

  /** The highest vector, or -1. */
  highest(): number {
    for (let i = WORDS - 1; i >= 0; i--) {
      const word = this.words[i]!;
      if (word !== 0) return i * 32 + 31 - Math.clz32(word);
    }
    return -1;
  }

  clear(): void {
    this.words.fill(0);
  }
}
