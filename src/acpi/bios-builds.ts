import type { Gpa } from '../core/bits.ts';
import type { TablesConfig } from './config.ts';
import { dsdt } from './dsdt.ts';
import { fadt } from './fadt.ts';
import { INTERRUPT_SOURCE_OVERRIDE, LOCAL_APIC, madt } from './madt.ts';
import { type Placement, stackFrom } from './placement.ts';
import { rsdt } from './root-tables.ts';
import { FACS_ALIGNMENT, facs, waet } from './small-tables.ts';
import type { SmbiosBuild } from './smbios-structures.ts';
import { SRAT_MEMORY, SRAT_PROCESSOR, srat } from './srat.ts';
import { ssdt } from './ssdt.ts';

const ROOTS = 5;
/** The firmware reserves room for nine more tables in the RSDT and three more ranges in the SRAT, whatever it writes. */
const ROOTS_ROOM = 9 * 4;
const RANGES_ROOM = 3 * SRAT_MEMORY.size;

/** The same for the builds of 2022 and 2024, which begin with the RSDT. Tables with pointers are written last. */
function highTables2024(config: TablesConfig, start: Gpa): HighTables {
  const { tables, place } = stackFrom(start);
  const absent = config.maxCpus - config.vcpus;
  const roots = rsdt(new Array<number>(ROOTS).fill(0));
  const root = place('RSDT', roots, ROOTS_ROOM);
  const affinity = place('SRAT', srat(config, SRAT_REVISION), absent * SRAT_PROCESSOR.size + RANGES_ROOM);
  const devices = place('WAET', waet());
  const apic = place('APIC', madt(config, MADT_REVISION), absent * LOCAL_APIC.size);
  const second = place('SSDT', ssdt(config, SSDT_FIXED));
  const fixed = fadt(config, 0, 0);
  const facp = place('FACP', fixed);
  const first = place('DSDT', dsdt(config, DSDT_LENGTH));
  const shared = place('FACS', facs(), 0, FACS_ALIGNMENT);
  fixed.set(fadt(config, shared, first));
  roots.set(rsdt([facp, affinity, apic, second, devices]));
  return { tables, root };
}

/** Differences between builds of Compute Engine's BIOS. */
interface Build extends SmbiosBuild {
  /** Where guests found the MP pointer; and, from the RSDP's address, with room for more CPUs than present. */
  readonly mpPointer: Gpa;
  readonly mpPointerWithRoom: Gpa;
  /** Bytes of SMBIOS structures that ours lack. */
  readonly more: number;
  readonly high: (config: TablesConfig, start: Gpa) => HighTables;
}

const BUILDS: Readonly<Record<2018 | 2024, Build>> = {
  /** Without the board's serial number: with it the structures would not fit between the printed addresses. */
  2018: {
    released: '01/01/2011',
    boardSerial: false,
    mpPointer: 0xf_2c80,
    mpPointerWithRoom: 0xf_2800,
    more: 0,
    high: highTables,
  },
  /** Three logs have room for 561 to 576 bytes with two CPUs, where what dmidecode showed in 2023 takes 546. */
  2024: {
    released: '06/27/2024',
    boardSerial: true,
    mpPointer: 0xf_2a50,
    mpPointerWithRoom: 0xf_2a50,
    more: 16,
    high: highTables2024,
  },
};

export function buildOf({ build = 2018 }: TablesConfig): Build {
  return BUILDS[build];
}

/** Lengths and revisions common to Compute Engine's UEFI and its BIOS from 2020 on, as several kernels printed them. */
export const DSDT_LENGTH = 0x1a64;
export const SSDT_FIXED = 0x8be;
export const MADT_REVISION = 5;
export const SRAT_REVISION = 3;

const EARLY_DSDT_LENGTH = 0x17b2;

const EARLY_SSDT_FIXED = 0x86e;

/** The firmware reserves room for sixteen, whatever it then writes. */
const OVERRIDES_ROOM = 12 * INTERRUPT_SOURCE_OVERRIDE.size;

/** The tables, and the address of the first of them, the RSDT. */
interface HighTables {
  readonly tables: readonly Placement[];
  readonly root: Gpa;
}

/**
 * The tables at the end of RAM below 4 GiB, from `start` down, each on a multiple of 16 bytes. The firmware reserves room in
 * MADT and SRAT for `maxCpus` processors, and then shortens them to those present.
 */
function highTables(config: TablesConfig, start: Gpa): HighTables {
  const { tables, place } = stackFrom(start);
  const absent = config.maxCpus - config.vcpus;
  // FADT lies above the tables that it points to, so its room is reserved first and written last.
  const blank = fadt(config, 0, 0);
  const facp = place('FACP', blank);
  const shared = place('FACS', facs(), 0, FACS_ALIGNMENT);
  const second = place('SSDT', ssdt(config, EARLY_SSDT_FIXED));
  const apic = place('APIC', madt(config, 1), absent * LOCAL_APIC.size + OVERRIDES_ROOM);
  const devices = place('WAET', waet());
  const affinity = place('SRAT', srat(config, 1), absent * SRAT_PROCESSOR.size);
  const first = place('DSDT', dsdt(config, EARLY_DSDT_LENGTH));
  blank.set(fadt(config, shared, first));
  const root = place('RSDT', rsdt([facp, second, apic, devices, affinity]));
  return { tables, root };
}
