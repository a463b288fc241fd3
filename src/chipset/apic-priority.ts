import { IRR, ISR, TMR, TPR } from './registers/local-apic.ts';

/** The half of a vector that gives its priority. */
const CLASS = 0xf0;

const WORDS = 8;

/** A set of interrupt vectors, 0 to 255, as the eight words of a local APIC's ISR, TMR or IRR. */
class VectorSet {
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

/**
 * Selects the next vector: pending ones (IRR) against those in service (ISR) and the task (TPR).
 * Source: Intel SDM volume 3, Interrupt, Task, and Processor Priority.
 */
export class ApicPriority {
  tpr = TPR.reset;
  private readonly irr = new VectorSet();
  private readonly isr = new VectorSet();
  private readonly tmr = new VectorSet();

  get ppr(): number {
    const { served } = this;
    return served >= 0 && (served & CLASS) > (this.tpr & CLASS) ? served & CLASS : this.tpr;
  }

  /** The vector that the CPU could take now, or -1. */
  get next(): number {
    const vector = this.irr.highest();
    return vector >= 0 && (vector & CLASS) > (this.ppr & CLASS) ? vector : -1;
  }

  /** The highest vector in service, or -1. */
  get served(): number {
    return this.isr.highest();
  }

  /** The highest pending vector, or -1. */
  get requested(): number {
    return this.irr.highest();
  }

  /** Makes `vector` pending, as a level or an edge. */
  request(vector: number, level: boolean): void {
    this.irr.put(vector, true);
    this.tmr.put(vector, level);
  }

  /** The CPU takes `vector`, which is pending. */
  serve(vector: number): void {
    this.irr.put(vector, false);
    this.isr.put(vector, true);
  }

  /** EOI: ends the highest vector in service. Returns it if it came as a level; else -1. */
  end(): number {
    const vector = this.served;
    if (vector < 0) return -1;
    this.isr.put(vector, false);
    return this.tmr.has(vector) ? vector : -1;
  }

  /** @param offset of a word of ISR, TMR or IRR, in the APIC's page; 0 for all others. */
  read(offset: number): number {
    const index = (offset >> 4) & 7;
    switch (offset & ~0x7f) {
      case ISR.offset:
        return this.isr.word(index);
      case TMR.offset:
        return this.tmr.word(index);
      case IRR.offset:
        return this.irr.word(index);
      default:
        return 0;
    }
  }

  reset(): void {
    this.irr.clear();
    this.isr.clear();
    this.tmr.clear();
    this.tpr = TPR.reset;
  }
}
