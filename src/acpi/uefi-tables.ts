import type { Gpa } from '../core/bits.ts';
import { FOUR_GIB } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import { remembered } from '../core/remembered.ts';
import { struct } from '../core/struct.ts';
import { device, integer, name, scope, string } from './aml.ts';
import { DSDT_LENGTH, MADT_REVISION, SRAT_REVISION, SSDT_FIXED } from './bios-builds.ts';
import { checkConfig, type TablesConfig } from './config.ts';
import { dsdt } from './dsdt.ts';
import { fadt } from './fadt.ts';
import { DESCRIPTION_HEADER, noops, tableBy } from './header.ts';
import { madt } from './madt.ts';
import type { Placement } from './placement.ts';
import { memory, template } from './resources.ts';
import { edk2Roots, extendedRsdp, RSDP, rsdp } from './root-tables.ts';
import { facs, waet } from './small-tables.ts';
import { smbiosEntryPoint } from './smbios.ts';
import { smbios } from './smbios-structures.ts';
import { srat } from './srat.ts';
import { ssdt } from './ssdt.ts';
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
const UEFI_RAM_MIN = 16 * MIB;

/** Start of memory with tables: runtime services data, and ACPI NVS, up to which ACPI data extends. */
function uefiPlaces(below4G: Gpa): { readonly runtimeData: Gpa; readonly acpiNvs: Gpa } {
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

/** Source: TCG ACPI Specification 1.3, table 7, without start method parameters and log area. */
const TPM2 = struct('TPM2', 'le', {
  Platform_Class: 'u16',
  Reserved: 'u16',
  Address_of_Control_Area: 'u64',
  Start_Method: 'u32',
});

const OEM_ID = 'GOOGLE';
/** The FIFO interface of TPM 1.2 and 2.0, which has no control area. */
const TIS = 6;
const REGISTERS = { first: 0xfed4_0000, bytes: 0x5000 } as const;
/** The length in a log. Ours is shorter, and padded. */
const SSDT_LENGTH = 0x316;
const ABSENT = 0;

/** The identity of the TPM. */
function tpm2(): Uint8Array {
  const body = TPM2.encode({ Start_Method: TIS });
  return tableBy({ signature: 'TPM2', revision: 4, oemId: OEM_ID, oemTableId: ' '.repeat(8) }, body);
}

/** The address of the TPM. No such device is modelled, so it is marked absent, and no driver looks for it. */
function tpmSsdt(): Uint8Array {
  const body = scope(
    '\\_SB',
    device(
      'TPM',
      name('_HID', string('MSFT0101')),
      name('_STA', integer(ABSENT)),
      name('_CRS', template(memory(REGISTERS.first, REGISTERS.bytes))),
    ),
  );
  const identity = { oemId: OEM_ID, oemTableId: 'Tpm2Tabl', oemRevision: 0x1000 };
  const compiler = { creatorId: 'INTL', creatorRevision: 0x2021_1217 };
  return tableBy(
    { signature: 'SSDT', revision: 2, ...identity, ...compiler },
    body,
    noops(SSDT_LENGTH, body),
  );
}

const BUILD = { released: '10/09/2023', boardSerial: true };
const PAGE = 4096;
/** Offset of FACS in ACPI NVS, and of the SMBIOS entry point in runtime data: as one guest printed them. */
const FACS_AT = 0x7_3000;
const SMBIOS_AT = 0xd_d000;
/** EDK2 reserves room for so many tables in each root (EFI_ACPI_MAX_NUM_TABLES). */
const ROOTS_ROOM = 20;
const RSDT_ROOM = DESCRIPTION_HEADER.size + 4 * ROOTS_ROOM;

/**
 * The tables of Compute Engine's UEFI: from the top of ACPI data down, each on its own pages. They are found not by a
 * signature below 1 MiB, but by the EFI system table.
 *
 * @throws MisuseError for a machine that tables cannot describe, or with less RAM than this firmware keeps.
 */
export function uefiTables(config: TablesConfig): Placement[] {
  checkConfig(config);
  const { below4G } = config.ram;
  if (below4G < UEFI_RAM_MIN)
    throw new MisuseError('memory.below4G', below4G, 'at least 16 MiB, as firmware "uefi" needs');
  const { runtimeData } = uefiPlaces(below4G);
  return [...sharedTables(config), ...smbiosTables(config, runtimeData + SMBIOS_AT)];
}

/** The common part of machines that differ in their UUID and functions. */
const sharedTables = remembered(descriptionTables, (config) => ({
  ...config,
  uuid: '',
  pci: { ...config.pci, functions: [] },
}));

function descriptionTables(config: TablesConfig): readonly Placement[] {
  const { acpiNvs } = uefiPlaces(config.ram.below4G);
  const placed: Placement[] = [];
  let top = acpiNvs;
  const place = (name: string, bytes: Uint8Array): Gpa => {
    top -= Math.ceil(bytes.length / PAGE) * PAGE;
    placed.push({ name, address: top, bytes });
    return top;
  };
  const pointers = top - PAGE;
  const roots = pointers - PAGE;
  top = roots;
  const tpmDevice = place('Tpm2Tabl', tpmSsdt());
  const tpm = place('TPM2', tpm2());
  const first = place('DSDT', dsdt(config, DSDT_LENGTH));
  // EDK2 gives a FACS below 4 GiB once, in 32 bits: a kernel listed it once, with the BIOS twice.
  const facp = place('FACP', fadt(config, acpiNvs + FACS_AT, first, 0));
  const affinity = place('SRAT', srat(config, SRAT_REVISION));
  const apic = place('APIC', madt(config, MADT_REVISION));
  const second = place('SSDT', ssdt(config, SSDT_FIXED));
  const devices = place('WAET', waet());
  return [
    ...placed,
    { name: 'FACS', address: acpiNvs + FACS_AT, bytes: facs() },
    ...rootTables(pointers, roots, [facp, tpmDevice, tpm, affinity, apic, second, devices]),
  ];
}

/** EDK2 keeps one set for ACPI 1.0 and one for later versions: two RSDPs, two RSDTs, an XSDT. */
function rootTables(pointers: Gpa, roots: Gpa, tables: readonly Gpa[]): Placement[] {
  const { rsdt, xsdt } = edk2Roots(tables);
  const [later, extended] = [roots + RSDT_ROOM, roots + 2 * RSDT_ROOM];
  return [
    { name: 'RSDP 1.0', address: pointers, bytes: rsdp(roots) },
    { name: 'RSDP', address: pointers + RSDP.size, bytes: extendedRsdp(later, extended) },
    { name: 'RSDT 1.0', address: roots, bytes: rsdt },
    { name: 'RSDT', address: later, bytes: rsdt },
    { name: 'XSDT', address: extended, bytes: xsdt },
  ];
}

function smbiosTables(config: TablesConfig, entryAt: Gpa): Placement[] {
  const structures = smbios(config, BUILD);
  const structuresAt = entryAt - Math.ceil(structures.bytes.length / PAGE) * PAGE;
  return [
    { name: '_SM_', address: entryAt, bytes: smbiosEntryPoint(structures, structuresAt) },
    { name: 'DMI', address: structuresAt, bytes: structures.bytes },
  ];
}
