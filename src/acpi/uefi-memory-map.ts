import type { Gpa } from '../core/bits.ts';
import { FOUR_GIB } from '../core/memory.ts';
import type { TablesConfig } from './config.ts';
import type { E820Entry } from './tables.ts';

const [RAM, RESERVED, ACPI_DATA, ACPI_NVS, RUNTIME_CODE] = [1, 2, 3, 4, 20] as const;
const MIB = 0x10_0000;

/** The ranges below 1 MiB, from 0 on, by their ends. */
const LOW = [
  [0x1000, RESERVED],
  [0x5_5000, RAM],
  [0x6_0000, RESERVED],
  [0x9_8000, RAM],
  [0xa_0000, RESERVED],
] as const;

/** The ranges at the end of RAM below 4 GiB, by their distance from that end. */
const HIGH = [
  [0x71_3000, RESERVED],
  [0x61_3000, RUNTIME_CODE],
  [0x51_3000, RESERVED],
  [0x49_3000, ACPI_DATA],
  [0x48_1000, ACPI_NVS],
  [0x40_1000, RAM],
  [0x2_0000, RESERVED],
] as const;

/** Minimum RAM below 4 GiB. The firmware keeps 7 MiB of it, and a guest needs some too; we chose the number. */
export const UEFI_RAM_MIN = 16 * MIB;

/** Start of memory with tables: runtime services data, and ACPI NVS, up to which ACPI data extends. */
export function uefiPlaces(below4G: Gpa): { readonly runtimeData: Gpa; readonly acpiNvs: Gpa } {
  const startOf = (kind: number) => below4G - HIGH.find(([, type]) => type === kind)![0];
  return { runtimeData: startOf(RESERVED), acpiNvs: startOf(ACPI_NVS) };
}

/**
 * The memory map that GRUB made from that of Compute Engine's UEFI, as a guest printed it. EDK2 keeps fixed numbers of
 * pages per type of memory, so at the end of RAM they are the same on every machine: a guess, since one was observed.
 */
export function uefiMemoryMap({ below4G, above4G }: TablesConfig['ram']): E820Entry[] {
  const starts = HIGH.map(([before]) => below4G - before);
  const low = LOW.map(([end, type], i) => {
    const base = LOW[i - 1]?.[0] ?? 0;
    return { base, size: end - base, type };
  });
  const high = HIGH.map(([, type], i) => ({
    base: starts[i]!,
    size: (starts[i + 1] ?? below4G) - starts[i]!,
    type,
  }));
  const above = above4G > 0 ? [{ base: FOUR_GIB, size: above4G, type: RAM }] : [];
  return [...low, { base: MIB, size: starts[0]! - MIB, type: RAM }, ...high, ...above];
}
