import type { Gpa } from '../core/bits.ts';
import { FOUR_GIB } from '../core/memory.ts';
import { remembered } from '../core/remembered.ts';
import { checkConfig, type TablesConfig } from './config.ts';
import { dsdt } from './dsdt.ts';
import { fadt } from './fadt.ts';
import { INTERRUPT_SOURCE_OVERRIDE, madt } from './madt.ts';
import { MP_POINTER, mpPointer, mpTable } from './mp-table.ts';
import { rsdp, rsdt } from './root-tables.ts';
import { facs, waet } from './small-tables.ts';
import { smbiosEntryPoint } from './smbios.ts';
import { smbios } from './smbios-structures.ts';
import { srat } from './srat.ts';
import { ssdt } from './ssdt.ts';

/** A table and where it lies. */
export interface Placement {
  /**
   * A table's signature (`FACP`, `DSDT`), or `RSDP`, `_MP_`, `PCMP`, `_SM_`, `DMI`, `BDA`, `EBDA`. Of a UEFI, also
   * `RSDP 1.0`, `RSDT 1.0`, and `Tpm2Tabl` for its second SSDT.
   */
  readonly name: string;
  readonly address: Gpa;
  readonly bytes: Uint8Array;
}

/** A line of the memory map that a boot loader hands on. */
export interface E820Entry {
  readonly base: Gpa;
  readonly size: number;
  /** 1 is RAM, 2 reserved, 3 ACPI data, 4 ACPI NVS; 20 is what GRUB calls code of EFI's runtime services. */
  readonly type: 1 | 2 | 3 | 4 | 20;
}

/** What guests found where in the F segment. The SMBIOS entry point's place is a guess. */
const RSDP_AT = 0xf2a50;
const MP_POINTER_AT = 0xf2c80;
const SMBIOS_AT = 0xf27e0;
const RELEASED = '01/01/2011';
const DSDT_LENGTH = 0x17b2;
const SSDT_LENGTH = 0x930;
const ALIGNMENT = 16;
const PAGE = 4096;
/** Where the extended BIOS data area lies: it ends low RAM, and the BIOS data area points to it. */
export const EBDA = 0x9fc00;
const LOW_RAM_END = 0xa0000;
const F_SEGMENT = 0xf0000;
const MIB = 0x100000;
const FLASH = 0xfffbc000;
/** The firmware makes room for sixteen, whatever it then writes. */
const OVERRIDES_ROOM = 12 * INTERRUPT_SOURCE_OVERRIDE.size;

/**
 * The tables of Compute Engine's BIOS: in the F segment what is looked for by its signature, at the end of RAM below
 * 4 GiB the rest, from the top down, each on a multiple of 16 bytes. The FACS needs 64: the 256 above it give them.
 *
 * @example
 * for (const { address, bytes } of acpiTables(config)) ram.set(bytes, address);
 *
 * @throws MisuseError for a machine that tables cannot describe.
 */
export function acpiTables(config: TablesConfig): Placement[] {
  checkConfig(config);
  return [...sharedTables(config), ...smbiosTables(config)];
}

/** What machines have in common that differ in their UUID: to write it takes as long as to make all devices. */
const sharedTables = remembered(
  (config: TablesConfig) => {
    const { high, root } = highTables(config);
    return [...high, ...lowTables(config, root)];
  },
  (config) => ({ ...config, uuid: '' }),
);

function highTables(config: TablesConfig): { readonly high: readonly Placement[]; readonly root: Gpa } {
  const placed: Placement[] = [];
  let top = config.ram.below4G;
  const place = (name: string, bytes: Uint8Array, room = bytes.length): Gpa => {
    top = Math.floor((top - room) / ALIGNMENT) * ALIGNMENT;
    placed.push({ name, address: top, bytes });
    return top;
  };
  // FADT lies above what it points to, so its place is taken first and written last.
  const blank = fadt(config, 0, 0);
  const facp = place('FACP', blank);
  const shared = place('FACS', facs());
  const second = place('SSDT', ssdt(config, SSDT_LENGTH));
  const interrupts = madt(config, 1);
  const apic = place('APIC', interrupts, interrupts.length + OVERRIDES_ROOM);
  const devices = place('WAET', waet());
  const affinity = place('SRAT', srat(config, 1));
  const first = place('DSDT', dsdt(config, DSDT_LENGTH));
  blank.set(fadt(config, shared, first));
  const root = place('RSDT', rsdt([facp, second, apic, devices, affinity]));
  return { high: placed, root };
}

function lowTables(config: TablesConfig, root: Gpa): Placement[] {
  const mpAt = MP_POINTER_AT + MP_POINTER.size;
  return [
    { name: 'RSDP', address: RSDP_AT, bytes: rsdp(root) },
    { name: '_MP_', address: MP_POINTER_AT, bytes: mpPointer(mpAt) },
    { name: 'PCMP', address: mpAt, bytes: mpTable(config) },
  ];
}

const structuresOf = remembered(
  (config: TablesConfig) => smbios(config, RELEASED),
  ({ vcpus, uuid }) => [vcpus, uuid],
);

function smbiosTables(config: TablesConfig): Placement[] {
  const structures = structuresOf(config);
  const structuresAt = Math.floor((SMBIOS_AT - structures.bytes.length) / 16) * 16;
  return [
    { name: '_SM_', address: SMBIOS_AT, bytes: smbiosEntryPoint(structures, structuresAt) },
    { name: 'DMI', address: structuresAt, bytes: structures.bytes },
  ];
}

/** Where the pages begin that hold the tables at the end of RAM; that end itself if there are none. */
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
    { base: EBDA, size: LOW_RAM_END - EBDA, type: 2 },
    { base: F_SEGMENT, size: MIB - F_SEGMENT, type: 2 },
    { base: MIB, size: reserved - MIB, type: 1 },
    { base: reserved, size: below4G - reserved, type: 2 },
    { base: FLASH, size: FOUR_GIB - FLASH, type: 2 },
    { base: FOUR_GIB, size: above4G, type: 1 },
  ];
  return entries.filter(({ size }) => size > 0);
}
