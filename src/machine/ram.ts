import type { E820Entry } from '../acpi/tables.ts';
import type { Gpa } from '../core/bits.ts';
import { GuestMemory } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import type { RamPlan } from './machine-plan.ts';

const MIB = 0x10_0000;

/** @throws MisuseError for more than this process can have. */
export function makeRam({ below4G, above4G, buffer, staging }: RamPlan): GuestMemory {
  try {
    return GuestMemory.of(below4G + above4G, buffer, below4G, staging);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MisuseError('memory', below4G + above4G, 'a number of bytes that this process can have');
  }
}

/** Of the RAM that begins at 1 MiB. */
export function endOfFreeRam(map: readonly E820Entry[]): Gpa {
  const { base, size } = map.find((entry) => entry.base === MIB)!;
  return base + size;
}
