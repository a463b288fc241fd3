import type { Gpa } from '../core/bits.ts';
import type { GuestMemory, RamRange } from '../core/memory.ts';

const WORD = 2 ** 32;
const PAGE = 4096;

/** The value of an MSR that names a structure in RAM, as two words; bit 0 enables it. */
export class Area {
  low = 0;
  high = 0;
  private readonly memory: GuestMemory;
  private readonly bits: number;
  private readonly bytes: number;

  /** @param bits those of the low word that are no address. */
  constructor(memory: GuestMemory, bits: number, bytes: number) {
    this.memory = memory;
    this.bits = bits;
    this.bytes = bytes;
  }

  get isOn(): boolean {
    return (this.low & 1) !== 0;
  }

  get at(): Gpa {
    return this.high * WORD + ((this.low & ~this.bits) >>> 0);
  }

  /** Where it lies; null for none that KVM would write: not enabled, not in RAM, or across two pages. */
  get range(): RamRange | null {
    return this.isOn ? this.rangeOf(this.low, this.high) : null;
  }

  /** Where it would lie. */
  rangeOf(low: number, high: number): RamRange | null {
    const at = high * WORD + ((low & ~this.bits) >>> 0);
    return (at % PAGE) + this.bytes > PAGE ? null : this.memory.find(at, this.bytes);
  }

  set(low: number, high: number): void {
    this.low = low;
    this.high = high;
  }
}

export function putWide(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / WORD), true);
}
