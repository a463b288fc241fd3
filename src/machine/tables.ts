import type { InterruptPin, TablesConfig } from '../acpi/config.ts';
import type { Placement } from '../acpi/placement.ts';
import { acpiTables, type E820Entry, e820 } from '../acpi/tables.ts';
import { uefiMemoryMap } from '../acpi/uefi-memory-map.ts';
import { uefiTables } from '../acpi/uefi-tables.ts';
import { ACPI_DISABLE, ACPI_ENABLE } from '../chipset/piix4-acpi.ts';
import { FOUR_GIB, type GuestMemory } from '../core/memory.ts';
import { PORT } from '../core/places.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import { INTERRUPT_PIN } from '../pci/registers.ts';
import { biosData } from './bios-data.ts';
import { type FirmwarePlan, irqOf } from './firmware.ts';

/** The parts of a machine that its tables describe. */
interface Described {
  readonly memory: GuestMemory;
  readonly vcpus: number;
  readonly maxCpus: number;
  readonly cpuid: TablesConfig['cpuid'];
  /** The firmware's date, if it is not that of the logs. */
  readonly released: string | undefined;
  readonly serial: TablesConfig['serial'];
  readonly seed: number;
  readonly functions: readonly PciFunction[];
}

/** Ports that the root bridge hands on: all but those of configuration mechanism #1. */
const IO_WINDOWS = [
  { first: 0x0000, last: 0x0cf7 },
  { first: 0x0d00, last: 0xffff },
];
const VGA_WINDOW = { first: 0xa_0000, last: 0xb_ffff };

/**
 * What a machine's firmware places in RAM, and where: the BIOS data areas, and ACPI, SMBIOS and MP tables if its plan has
 * them.
 */
export function firmwareTables(plan: FirmwarePlan, machine: Described): Placement[] {
  if (plan.kind === 'uefi') return uefiTables(tablesConfig(plan, machine));
  const tables = plan.tables ? acpiTables(tablesConfig(plan, machine)) : [];
  return [...tables, ...biosData(machine.serial.map(({ port }) => port))];
}

/** The memory map that a boot loader hands on. @param tables those that were placed, if any. */
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

function tablesConfig(plan: FirmwarePlan, machine: Described): TablesConfig {
  const { memory, vcpus, maxCpus, cpuid, released, serial, seed, functions } = machine;
  return {
    ram: ramOf(memory),
    vcpus,
    maxCpus,
    cpuid,
    released,
    build: plan.build,
    mpPointer: plan.mpPointer,
    serial: serial.map(({ port, irq }) => ({ port, irq })),
    pci: {
      io: IO_WINDOWS,
      memory: [VGA_WINDOW, { first: plan.memoryStart, last: plan.memoryEnd - 1 }],
      links: plan.links,
      functions: functions.flatMap((fn) => pinOf(fn, plan)),
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

function pinOf({ bdf, config }: PciFunction, plan: FirmwarePlan): InterruptPin[] {
  const pin = config.get(INTERRUPT_PIN);
  return pin === 0 ? [] : [{ slot: bdf >> 3, pin, irq: irqOf(bdf, pin, plan) }];
}
