import type { Gpa } from '../core/bits.ts';
import type { HighTables } from './bios-high.ts';
import type { TablesConfig } from './config.ts';
import { dsdt } from './dsdt.ts';
import { fadt } from './fadt.ts';
import { DSDT_LENGTH, MADT_REVISION, SRAT_REVISION, SSDT_FIXED } from './later-builds.ts';
import { LOCAL_APIC, madt } from './madt.ts';
import { stackFrom } from './placement.ts';
import { rsdt } from './root-tables.ts';
import { FACS_ALIGNMENT, facs, waet } from './small-tables.ts';
import { SRAT_MEMORY, SRAT_PROCESSOR, srat } from './srat.ts';
import { ssdt } from './ssdt.ts';

const ROOTS = 5;
/** The firmware reserves room for nine more tables in the RSDT and three more ranges in the SRAT, whatever it writes. */
const ROOTS_ROOM = 9 * 4;
const RANGES_ROOM = 3 * SRAT_MEMORY.size;

/** The same for the builds of 2022 and 2024, which begin with the RSDT. Tables with pointers are written last. */
export function highTables2024(config: TablesConfig, start: Gpa): HighTables {
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
