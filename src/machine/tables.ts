import type { TablesConfig } from '../acpi/config.ts';
import { acpiTables, type Placement } from '../acpi/tables.ts';
import { ACPI_DISABLE, ACPI_ENABLE } from '../chipset/piix4-acpi.ts';
import { FOUR_GIB, type GuestMemory, RAM_BELOW_4G_MAX } from '../core/memory.ts';
import { biosData } from './bios-data.ts';
import type { FirmwarePlan } from './firmware.ts';

/** What of a machine stands in its tables. */
export interface Described {
  readonly memory: GuestMemory;
  readonly vcpus: number;
  readonly serial: TablesConfig['serial'];
  readonly seed: number;
}

const APMC = 0xb2;
/** Ports that the root bridge hands on: all but those of configuration mechanism #1. */
const IO_WINDOWS = [
  { first: 0x0000, last: 0x0cf7 },
  { first: 0x0d00, last: 0xffff },
];
const VGA_WINDOW = { first: 0xa_0000, last: 0xb_ffff };

/**
 * What a machine's firmware puts into RAM, and where: the BIOS data areas, and ACPI, SMBIOS and MP tables if its plan has
 * them.
 */
export function firmwareTables(plan: FirmwarePlan, machine: Described): Placement[] {
  const tables = plan.tables ? acpiTables(tablesConfig(plan, machine)) : [];
  return [...tables, ...biosData(machine.serial.map(({ port }) => port))];
}

function tablesConfig(plan: FirmwarePlan, { memory, vcpus, serial, seed }: Described): TablesConfig {
  const sizeFrom = (start: number) => memory.ranges.find(({ base }) => base === start)?.size ?? 0;
  return {
    ram: { below4G: sizeFrom(0), above4G: sizeFrom(FOUR_GIB) },
    vcpus,
    serial,
    pci: {
      io: IO_WINDOWS,
      memory: [VGA_WINDOW, { first: RAM_BELOW_4G_MAX, last: plan.memoryEnd - 1 }],
      links: plan.links,
    },
    pm: {
      base: plan.pmba,
      gpe0: plan.gpe0,
      smiCommand: APMC,
      acpiEnable: ACPI_ENABLE,
      acpiDisable: ACPI_DISABLE,
    },
    uuid: seed.toString(16).padStart(32, '0'),
  };
}
