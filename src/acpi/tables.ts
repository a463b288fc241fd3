import type { Gpa } from '../core/bits.ts';
import { FOUR_GIB } from '../core/memory.ts';
import { remembered } from '../core/remembered.ts';
import { buildOf } from './bios-builds.ts';
import { checkConfig, type TablesConfig } from './config.ts';
import { MP_POINTER, mpPointer, mpTable } from './mp-table.ts';
import { pir } from './pir.ts';
import { below, type Placement } from './placement.ts';
import { RSDP, rsdp } from './root-tables.ts';
import { SMBIOS_ENTRY_POINT, type SmbiosTable, smbiosEntryPoint } from './smbios.ts';
import { SECOND_RANGE } from './smbios-memory.ts';
import { smbios } from './smbios-structures.ts';

/** Tables that are found by signature in the F segment, and the SMBIOS structures. */
interface BiosPlaces {
  readonly mpPointer: Gpa;
  readonly entryPoint: Gpa;
  readonly structures: Gpa;
  readonly rsdp: Gpa;
}

/** More bytes of structures than SeaBIOS keeps in the F segment go to the end of RAM (BUILD_MAX_SMBIOS_FSEG). */
const STRUCTURES_MAX = 600;

/**
 * From the MP pointer down: SMBIOS entry point, structures, RSDP, each on 16 bytes, as SeaBIOS allocates there.
 *
 * @param structures bytes reserved for the SMBIOS structures.
 */
function biosPlaces(config: TablesConfig, structures: number): BiosPlaces {
  const { vcpus, maxCpus, ram } = config;
  const build = buildOf(config);
  const usual = maxCpus > vcpus ? build.mpPointerWithRoom : build.mpPointer;
  const { mpPointer = usual } = config;
  const entryPoint = below(mpPointer, SMBIOS_ENTRY_POINT.size);
  const atEnd = structures > STRUCTURES_MAX;
  const structuresAt = below(atEnd ? ram.below4G : entryPoint, structures);
  const rsdp = below(atEnd ? entryPoint : structuresAt, RSDP.size);
  return { mpPointer, entryPoint, structures: structuresAt, rsdp };
}

/** An entry of the memory map for a boot loader. */
export interface E820Entry {
  readonly base: Gpa;
  readonly size: number;
  /** 1 is RAM, 2 reserved, 3 ACPI data, 4 ACPI NVS; 20 is GRUB's type for code of EFI's runtime services. */
  readonly type: 1 | 2 | 3 | 4 | 20;
}

export const E820_RAM = 1;
export const E820_RESERVED = 2;

/** The end of the RAM that begins at `start`, on a PC at 1 MiB; 0 if there is none. */
export function endOfRam(map: readonly E820Entry[], start: Gpa = MIB): Gpa {
  const high = map.find(({ base, type }) => type === E820_RAM && base === start);
  return high === undefined ? 0 : high.base + high.size;
}

const PAGE = 4096;
const PARAGRAPH = 16;
/** Address of the extended BIOS data area: it ends low RAM, and the BIOS data area points to it. */
export const EBDA = 0x9fc00;
const LOW_RAM_END = 0xa0000;
const F_SEGMENT = 0xf0000;
const MIB = 0x100000;
const FLASH = 0xfffbc000;

/**
 * The tables of Compute Engine's BIOS, of 2018 unless `build` is another: those found by signature are in the F segment, the
 * rest at the end of RAM below 4 GiB.
 *
 * @example
 * for (const { address, bytes } of acpiTables(config)) ram.set(bytes, address);
 *
 * @throws MisuseError for a machine that tables cannot describe.
 */
export function acpiTables(config: TablesConfig): Placement[] {
  checkConfig(config);
  return [...sharedTables(config), ...routingTables(config), ...smbiosTables(config)];
}

const structuresOf = remembered(
  (config: TablesConfig) => smbios(config, buildOf(config)),
  ({ maxCpus, ram, cpuid, released, uuid, build }) => [maxCpus, ram, cpuid, released, uuid, build],
);

function placesOf(config: TablesConfig, { bytes }: SmbiosTable) {
  const more = buildOf(config).more + (config.ram.above4G > 0 ? 0 : SECOND_RANGE);
  return biosPlaces(config, bytes.length + more);
}

/** The common part of machines that differ in their UUID and functions: writing it takes as long as making all devices. */
const sharedTables = remembered(
  (config: TablesConfig): readonly Placement[] => {
    const { structures, rsdp: pointer } = placesOf(config, structuresOf(config));
    const start = structures < MIB ? config.ram.below4G : structures;
    const { tables, root } = buildOf(config).high(config, start);
    return [...tables, { name: 'RSDP', address: pointer, bytes: rsdp(root) }];
  },
  (config) => ({ ...config, uuid: '', pci: { ...config.pci, functions: [] } }),
);

/** Interrupt routing for guests without ACPI: adjacent tables from the MP pointer up. */
const routingTables = remembered(
  (config: TablesConfig): readonly Placement[] => {
    const { mpPointer: pointer } = placesOf(config, structuresOf(config));
    const mpAt = pointer + MP_POINTER.size;
    const mp = mpTable(config);
    const pirAt = Math.ceil((mpAt + mp.length) / PARAGRAPH) * PARAGRAPH;
    return [
      { name: '_MP_', address: pointer, bytes: mpPointer(mpAt) },
      { name: 'PCMP', address: mpAt, bytes: mp },
      { name: '$PIR', address: pirAt, bytes: pir() },
    ];
  },
  ({ vcpus, maxCpus, cpuid, build, mpPointer, pci: { functions } }) => [
    ...[vcpus, maxCpus, cpuid, build, mpPointer],
    functions,
  ],
);

function smbiosTables(config: TablesConfig): Placement[] {
  const structures = structuresOf(config);
  const { entryPoint, structures: at } = placesOf(config, structures);
  return [
    { name: '_SM_', address: entryPoint, bytes: smbiosEntryPoint(structures, at) },
    { name: 'DMI', address: at, bytes: structures.bytes },
  ];
}

/** Start of the pages that hold the tables at the end of RAM; the end of RAM if there are none. */
function tablesStart(below4G: Gpa, tables: readonly Placement[]): Gpa {
  const high = tables.map(({ address }) => address).filter((address) => address >= MIB);
  return Math.floor(Math.min(below4G, ...high) / PAGE) * PAGE;
}

/**
 * The memory map of BIOS call E820, as guests on Compute Engine printed it. The pages that hold `tables` are reserved.
 */
export function e820({ below4G, above4G }: TablesConfig['ram'], tables: readonly Placement[]): E820Entry[] {
  const reserved = tablesStart(below4G, tables);
  const entries: E820Entry[] = [
    { base: 0, size: EBDA, type: 1 },
    { base: EBDA, size: LOW_RAM_END - EBDA, type: E820_RESERVED },
    { base: F_SEGMENT, size: MIB - F_SEGMENT, type: E820_RESERVED },
    { base: MIB, size: reserved - MIB, type: 1 },
    { base: reserved, size: below4G - reserved, type: E820_RESERVED },
    { base: FLASH, size: FOUR_GIB - FLASH, type: E820_RESERVED },
    { base: FOUR_GIB, size: above4G, type: 1 },
  ];
  return entries.filter(({ size }) => size > 0);
}
