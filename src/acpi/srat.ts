import { FOUR_GIB } from '../core/memory.ts';
import { struct } from '../core/struct.ts';
import type { TablesConfig } from './config.ts';
import { table } from './header.ts';

/** Source: ACPI 6.5, 5.2.16.1 and 5.2.16.2. */
export const SRAT_PROCESSOR = struct('Processor Local APIC Affinity', 'le', {
  Type: 'u8',
  Length: 'u8',
  Proximity_Domain_Low: 'u8',
  APIC_ID: 'u8',
  Flags: 'u32',
  Local_SAPIC_EID: 'u8',
  Proximity_Domain_High: { bytes: 3 },
  Clock_Domain: 'u32',
});

export const SRAT_MEMORY = struct('Memory Affinity', 'le', {
  Type: 'u8',
  Length: 'u8',
  Proximity_Domain: 'u32',
  Reserved: 'u16',
  Base_Address: 'u64',
  Range_Length: 'u64',
  Reserved_1: 'u32',
  Flags: 'u32',
  Reserved_2: 'u64',
});

const ENABLED = 1;
const LOW_RAM_END = 0xa_0000;
const MIB = 0x10_0000;

/** All processors and all RAM in node 0. There are always three ranges; without RAM above 4 GiB one is disabled. */
export function srat({ vcpus, ram }: TablesConfig, revision: number): Uint8Array {
  const processors = Array.from({ length: vcpus }, (_, APIC_ID) =>
    SRAT_PROCESSOR.encode({ Type: 0, Length: SRAT_PROCESSOR.size, APIC_ID, Flags: ENABLED }),
  );
  const ranges = [
    [0, LOW_RAM_END],
    [MIB, ram.below4G - MIB],
    [FOUR_GIB, ram.above4G],
  ] as const;
  const memory = ranges.map(([base, size]) =>
    SRAT_MEMORY.encode({
      Type: 1,
      Length: SRAT_MEMORY.size,
      ...(size > 0 && { Base_Address: BigInt(base), Range_Length: BigInt(size), Flags: ENABLED }),
    }),
  );
  // Twelve bytes are reserved, of which the first was a revision once and stays 1.
  return table('SRAT', revision, [1, ...new Array<number>(11).fill(0)], ...processors, ...memory);
}
