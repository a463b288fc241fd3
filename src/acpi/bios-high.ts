import type { Gpa } from '../core/bits.ts';
import type { TablesConfig } from './config.ts';
import { dsdt } from './dsdt.ts';
import { fadt } from './fadt.ts';
import { INTERRUPT_SOURCE_OVERRIDE, LOCAL_APIC, madt } from './madt.ts';
import { type Placement, stackFrom } from './placement.ts';
import { rsdt } from './root-tables.ts';
import { FACS_ALIGNMENT, facs, waet } from './small-tables.ts';
import { SRAT_PROCESSOR, srat } from './srat.ts';
import { ssdt } from './ssdt.ts';

const DSDT_LENGTH = 0x17b2;
const SSDT_FIXED = 0x86e;
/** The firmware reserves room for sixteen, whatever it then writes. */
const OVERRIDES_ROOM = 12 * INTERRUPT_SOURCE_OVERRIDE.size;

/** The tables, and the address of the first of them, the RSDT. */
export interface HighTables {
  readonly tables: readonly Placement[];
  readonly root: Gpa;
}

/**
 * The tables at the end of RAM below 4 GiB, from `start` down, each on a multiple of 16 bytes. The firmware reserves room in
 * MADT and SRAT for `maxCpus` processors, and then shortens them to those present.
 */
export function highTables(config: TablesConfig, start: Gpa): HighTables {
  const { tables, place } = stackFrom(start);
  const absent = config.maxCpus - config.vcpus;
  // FADT lies above the tables that it points to, so its room is reserved first and written last.
  const blank = fadt(config, 0, 0);
  const facp = place('FACP', blank);
  const shared = place('FACS', facs(), 0, FACS_ALIGNMENT);
  const second = place('SSDT', ssdt(config, SSDT_FIXED));
  const apic = place('APIC', madt(config, 1), absent * LOCAL_APIC.size + OVERRIDES_ROOM);
  const devices = place('WAET', waet());
  const affinity = place('SRAT', srat(config, 1), absent * SRAT_PROCESSOR.size);
  const first = place('DSDT', dsdt(config, DSDT_LENGTH));
  blank.set(fadt(config, shared, first));
  const root = place('RSDT', rsdt([facp, second, apic, devices, affinity]));
  return { tables, root };
}
