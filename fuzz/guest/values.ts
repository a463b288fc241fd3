import { allOnes, type Width } from '../../src/core/bits.ts';
import type { Random } from '../../src/core/random.ts';

const EDGES = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 4095, 4096, 0x7fff, 0x8000,
  0xfffe, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xc000_0000, 0xfee0_0000, 0xfec0_0000, 0xffff_f000,
  0xffff_fffe, 0xffff_ffff,
];

/** Mutations of a number by a faulty driver. */
export function mutated(random: Random, value: number, width: Width): number {
  const ones = allOnes(width);
  switch (random.below(9)) {
    case 0:
      return ((value ^ (1 << random.below(8 * width))) & ones) >>> 0;
    case 1:
      return ((value + 1) & ones) >>> 0;
    case 2:
      return ((value - 1) & ones) >>> 0;
    case 3:
      return ((value + random.below(64) - 32) & ones) >>> 0;
    case 4:
      return (EDGES[random.below(EDGES.length)]! & ones) >>> 0;
    case 5:
      return (random.next() & ones) >>> 0;
    case 6:
      return (~value & ones) >>> 0;
    case 7:
      return ((value << random.below(13)) & ones) >>> 0;
    default:
      return (value & ones) >>> random.below(13);
  }
}

/** A number with a meaning for some device. */
export function anyValue(random: Random, width: Width): number {
  return random.below(2) === 0
    ? mutated(random, random.below(16), width)
    : mutated(random, random.below(1 << 13), width);
}

export function anyWidth(random: Random): Width {
  return (1 << random.below(3)) as Width;
}
