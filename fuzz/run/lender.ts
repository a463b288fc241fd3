import type { Gpa } from '../../src/core/bits.ts';
import { FOUR_GIB } from '../../src/core/memory.ts';
import type { Random } from '../../src/core/random.ts';
import type { Machine } from '../../src/index.ts';
import { DriverMistake } from './driver-mistake.ts';

const PAGE = 4096;
const GAP_PAGES = 8;

/**
 * RAM for drivers, used cyclically: when all is lent, old allocations are reused, sometimes even live ones. The
 * machines' own allocators are exhausted if a driver never frees memory.
 */
export class Lender {
  private readonly random: Random;
  private readonly ranges: readonly { readonly from: Gpa; readonly to: Gpa }[];
  private next: Gpa;
  private range = 0;

  constructor(machine: Machine, random: Random) {
    this.random = random;
    this.ranges = machine.e820
      .filter(({ base, size, type }) => type === 1 && base >= 0x10_0000 && base <= FOUR_GIB && size > PAGE)
      .map(({ base, size }) => ({ from: base, to: base + size }));
    this.next = this.ranges[0]!.from;
  }

  lend(bytes: number, align: number): Gpa {
    for (let tries = 0; tries <= this.ranges.length; tries++) {
      const gap = this.random.below(GAP_PAGES) * PAGE;
      const at = Math.ceil((this.next + gap) / align) * align;
      if (bytes > 0 && at + bytes <= this.ranges[this.range]!.to) {
        this.next = Math.ceil((at + bytes) / PAGE) * PAGE;
        return at;
      }
      this.range = (this.range + 1) % this.ranges.length;
      this.next = this.ranges[this.range]!.from;
    }
    throw new DriverMistake(`RAM has no room for ${bytes} bytes`);
  }
}
