import type { TablesConfig } from '../acpi/config.ts';
import { acpiTables, type E820Entry, e820, type Placement } from '../acpi/tables.ts';
import { uefiMemoryMap } from '../acpi/uefi-memory-map.ts';
import { uefiTables } from '../acpi/uefi-tables.ts';
import { ACPI_DISABLE, ACPI_ENABLE } from '../chipset/piix4-acpi.ts';
import { FOUR_GIB, type GuestMemory } from '../core/memory.ts';
import { PORT } from '../core/places.ts';
import { biosData } from './bios-data.ts';
import type { FirmwarePlan } from './firmware.ts';

/** What of a machine stands in its tables. */
interface Described {
  readonly memory: GuestMemory;
  readonly vcpus: number;
  readonly serial: TablesConfig['serial'];
  readonly seed: number;
}

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
  if (plan.kind === 'uefi') return uefiTables(tablesConfig(plan, machine));
  const tables = plan.tables ? acpiTables(tablesConfig(plan, machine)) : [];
  return [...tables, ...biosData(machine.serial.map(({ port }) => port))];
}

/** What a boot loader hands on of RAM. @param tables those that were placed, if any. */
export function memoryMap(
  plan: FirmwarePlan,
  memory: GuestMemory,
  tables: readonly Placement[],
): E820Entry[] {
  return plan.kind === 'uefi' ? uefiMemoryMap(ramOf(memory)) : e820(ramOf(memory), tables);
}

function ramOf({ ranges }: GuestMemory): TablesConfig['ram'] {
  const sizeFrom = (start: number) => ranges.find(({ base }) => base === start)?.size ?? 0;
  return { below4G: sizeFrom(0), above4G: sizeFrom(FOUR_GIB) };
}

function tablesConfig(plan: FirmwarePlan, { memory, vcpus, serial, seed }: Described): TablesConfig {
  return {
    ram: ramOf(memory),
    vcpus,
    serial: serial.map(({ port, irq }) => ({ port, irq })),
    pci: {
      io: IO_WINDOWS,
      memory: [VGA_WINDOW, { first: plan.memoryStart, last: plan.memoryEnd - 1 }],
      links: plan.links,
    },
    pm: {
      base: plan.pmba,
      gpe0: plan.gpe0,
      smiCommand: PORT.APM,
      acpiEnable: ACPI_ENABLE,
      acpiDisable: ACPI_DISABLE,
    },
    uuid: seed.toString(16).padStart(32, '0'),
  };
}
