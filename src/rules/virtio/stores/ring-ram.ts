import type { Gpa, Width } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';

const FOUR_GIB = 0x1_0000_0000;

/** Guest RAM as it is now, in the guest's byte order. What is not RAM reads as 0. */
export class RingRam {
  readonly memory: GuestMemory;
  readonly little: boolean;

  constructor(memory: GuestMemory, little: boolean) {
    this.memory = memory;
    this.little = little;
  }

  uint(address: Gpa, width: Width): number {
    if (width === 1) return this.memory.slice(address, 1)?.[0] ?? 0;
    return width === 2 ? this.u16(address) : this.u32(address);
  }

  u16(address: Gpa): number {
    const range = this.memory.find(address, 2);
    return range === null ? 0 : range.view.getUint16(address - range.base, this.little);
  }

  u32(address: Gpa): number {
    const range = this.memory.find(address, 4);
    return range === null ? 0 : range.view.getUint32(address - range.base, this.little);
  }

  u64(address: Gpa): number {
    const first = this.u32(address);
    const second = this.u32(address + 4);
    return this.little ? second * FOUR_GIB + first : first * FOUR_GIB + second;
  }

  isRam(address: Gpa, length: number): boolean {
    return this.memory.find(address, length) !== null;
  }

  /** Whether the bytes of `from`, to be stored at `at`, differ from RAM between `begin` and `end`. */
  differs(at: Gpa, from: Uint8Array, begin: Gpa, end: Gpa): boolean {
    const first = Math.max(at, begin);
    const last = Math.min(at + from.length, end);
    const there = this.memory.slice(first, last - first);
    if (there === null) return false;
    const offset = first - at;
    return there.some((byte, i) => byte !== from[offset + i]);
  }
}
