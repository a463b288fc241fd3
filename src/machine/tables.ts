import type { InterruptPin, TablesConfig } from '../acpi/config.ts';
import { expressTables } from '../acpi/express-tables.ts';
import type { Placement } from '../acpi/placement.ts';
import { acpiTables, E820_RAM, type E820Entry, EBDA, e820 } from '../acpi/tables.ts';
import { uefiMemoryMap, uefiTables } from '../acpi/uefi-tables.ts';
import { ACPI_DISABLE, ACPI_ENABLE } from '../chipset/piix4-acpi.ts';
import type { Gpa } from '../core/bits.ts';
import { FOUR_GIB, type GuestMemory } from '../core/memory.ts';
import { PORT } from '../core/places.ts';
import { remembered } from '../core/remembered.ts';
import { struct } from '../core/struct.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import { INTERRUPT_PIN } from '../pci/registers.ts';
import { type FirmwarePlan, irqOf, type PcPlan } from './firmware.ts';
import type { Profile } from './profile.ts';

/**
 * The BIOS data area at 0040:0000, which operating systems read. Source: IBM, Personal System/2 and Personal Computer
 * BIOS Interface Technical Reference, Data Areas; SeaBIOS, src/std/bda.h.
 */
const BIOS_DATA_AREA = struct('BIOS data area', 'le', {
  COM1: 'u16',
  COM2: 'u16',
  COM3: 'u16',
  COM4: 'u16',
  LPT: { bytes: 6 },
  EBDA_Segment: 'u16',
  Equipment: 'u16',
  Test_Status: 'u8',
  Memory_KiB: 'u16',
  Reserved_15: { bytes: 2 },
  Keyboard_Flags: 'u16',
  Keypad_Input: 'u8',
  Keyboard_Head: 'u16',
  Keyboard_Tail: 'u16',
  Keyboard_Buffer: { bytes: 32 },
  Diskette: { bytes: 11 },
  Video: { bytes: 30 },
  ROM_Entry: { bytes: 5 },
  Timer_Count: 'u32',
  Timer_Overflow: 'u8',
  Break: 'u8',
  Reset_Flag: 'u16',
  Fixed_Disk_Status: 'u8',
  Fixed_Disks: 'u8',
  Fixed_Disk_Control: 'u8',
  Fixed_Disk_Port: 'u8',
  LPT_Timeouts: 'u32',
  COM_Timeouts: { bytes: 4 },
  Keyboard_Buffer_Start: 'u16',
  Keyboard_Buffer_End: 'u16',
  Video_2: { bytes: 7 },
  Disks_2: { bytes: 11 },
  Keyboard_Mode: 'u8',
  Keyboard_LEDs: 'u8',
  Wait: { bytes: 9 },
  Reserved_A1: { bytes: 95 },
});

/** The first bytes of the extended BIOS data area; the rest is private to the firmware. */
const EXTENDED_BIOS_DATA_AREA = struct('Extended BIOS data area', 'le', { Size_KiB: 'u8' });

const BDA = 0x400;
const KIB = 1024;
const LOW_RAM_KIB = 640;
/** Bits of Equipment; the number of serial ports stands in bits 11:9. */
const COPROCESSOR = 1 << 1;
const POINTING_DEVICE = 1 << 2;
const SERIAL_PORTS_SHIFT = 9;
/** As SeaBIOS leaves it: error correction and retries are the drive's own. */
const NO_RETRIES = 0xc0;
const ENHANCED_KEYBOARD = 1 << 4;
/** In the BIOS's units of about a second. */
const COM_TIMEOUT = 10;

/**
 * What Compute Engine's BIOS, a SeaBIOS, leaves in low RAM, without the fields that only BIOS services use: those
 * services do not exist here.
 *
 * @param ports base addresses of COM1 to COM4.
 */
const biosData = remembered(biosDataAreas, (ports) => ports);

function biosDataAreas(ports: readonly number[]): readonly Placement[] {
  const [COM1, COM2, COM3, COM4] = ports as [number, number, number, number];
  const { Keyboard_Buffer, Diskette } = BIOS_DATA_AREA.offset;
  const Memory_KiB = EBDA / KIB;
  const area = BIOS_DATA_AREA.encode({
    COM1,
    COM2,
    COM3,
    COM4,
    EBDA_Segment: EBDA >> 4,
    Equipment: COPROCESSOR | POINTING_DEVICE | (ports.length << SERIAL_PORTS_SHIFT),
    Memory_KiB,
    Keyboard_Head: Keyboard_Buffer,
    Keyboard_Tail: Keyboard_Buffer,
    Fixed_Disk_Control: NO_RETRIES,
    COM_Timeouts: new Uint8Array(ports.length).fill(COM_TIMEOUT),
    Keyboard_Buffer_Start: Keyboard_Buffer,
    Keyboard_Buffer_End: Diskette,
    Keyboard_Mode: ENHANCED_KEYBOARD,
  });
  const Size_KiB = LOW_RAM_KIB - Memory_KiB;
  const extended = EXTENDED_BIOS_DATA_AREA.encode({ Size_KiB }, new Uint8Array(Size_KiB * KIB));
  return [
    { name: 'BDA', address: BDA, bytes: area },
    { name: 'EBDA', address: EBDA, bytes: extended },
  ];
}

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
  readonly profile: Pick<Profile, 'express'>;
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
  const { express } = machine.profile;
  if (express !== null) {
    const memory = { first: plan.memoryStart, last: plan.memoryEnd - 1 };
    return expressTables({ ...express, memory, serial: machine.serial }, endOfDrivers(machine.memory));
  }
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
  if (plan.pc === null) return expressMemoryMap(memory);
  return plan.kind === 'uefi' ? uefiMemoryMap(ramOf(memory)) : e820(ramOf(memory), tables);
}

const ACPI_DATA = 3;
/** Bytes at the end of the first range of RAM that tables have for themselves. */
const TABLES = 0x1_0000;

function endOfDrivers({ ranges: [first] }: GuestMemory): Gpa {
  return first!.base + first!.size - TABLES;
}

function expressMemoryMap(memory: GuestMemory): E820Entry[] {
  const [first, ...others] = memory.ranges.map(({ base, size }) => ({ base, size, type: E820_RAM }) as const);
  return [
    { ...first!, size: first!.size - TABLES },
    { base: endOfDrivers(memory), size: TABLES, type: ACPI_DATA },
    ...others,
  ];
}

function ramOf({ ranges }: GuestMemory): TablesConfig['ram'] {
  const sizeFrom = (start: number) => ranges.find(({ base }) => base === start)?.size ?? 0;
  return { below4G: sizeFrom(0), above4G: sizeFrom(FOUR_GIB) };
}

/** Of a PC. */
function tablesConfig(plan: FirmwarePlan, machine: Described): TablesConfig {
  const { links, pmba, gpe0, numbersSlots } = plan.pc!;
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
      links,
      numbersSlots,
      functions: functions.flatMap((fn) => pinOf(fn, links)),
    },
    pm: {
      base: pmba,
      gpe0,
      smiCommand: PORT.APM,
      acpiEnable: ACPI_ENABLE,
      acpiDisable: ACPI_DISABLE,
    },
    uuid: seed.toString(16).padStart(32, '0'),
  };
}

/** Those behind a bridge turn the bridge's pins, which a guest works out. */
function pinOf({ bdf, config }: PciFunction, links: PcPlan['links']): InterruptPin[] {
  const pin = config.get(INTERRUPT_PIN);
  return pin === 0 || bdf < 0 || bdf > 0xff ? [] : [{ slot: bdf >> 3, pin, irq: irqOf(bdf, pin, { links }) }];
}
