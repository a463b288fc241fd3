import { CACHE_LINES, NO_LONGER_SAID, NO_PAE, NO_SRAT, NOT_SAID, OSI, X2APIC } from './exceptions-common.ts';
import type { Exception } from './log.ts';

const NO_HIGH_RAM = 'v86 has no RAM above 4 GiB';
const ANOTHER_BUILD = 'that build of the firmware had an SSDT of 690Dh bytes, so its tables lie elsewhere';

/** Lines of the log of November 2018 that a boot on v86 cannot print, with the cause of each. */
export const EXCEPTIONS_NOVEMBER: readonly Exception[] = [
  ...X2APIC,
  ...OSI,
  { line: 'BIOS-e820: [mem 0x0000000100000000-0x000000021fffffff] usable', cause: 'v86', why: NO_HIGH_RAM },
  { line: 'last_pfn = 0x220000 max_arch_pfn = 0x400000000', cause: 'v86', why: NO_HIGH_RAM },
  {
    line: 'PM: Registered nosave memory: [mem 0xbfffd000-0xbfffffff]',
    cause: 'v86',
    why: 'named only if there is RAM behind it',
  },
  {
    line: 'PM: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]',
    cause: 'v86',
    why: 'named only if there is RAM behind it',
  },
  {
    line: 'PM: Registered nosave memory: [mem 0xfffbc000-0xffffffff]',
    cause: 'v86',
    why: 'named only if there is RAM behind it',
  },
  {
    line: 'last_pfn = 0xbfffd max_arch_pfn = 0x400000000',
    cause: 'kernel',
    why: NO_PAE,
  },
  {
    line: 'check: Scanning 1 areas for low memory corruption',
    cause: 'kernel',
    why: 'since 5.13 the first MiB is never used, so there is nothing to scan',
  },
  { line: 'SRAT: PXM 0 -> APIC 0x00 -> Node 0', cause: 'kernel', why: NO_SRAT },
  { line: 'SRAT: PXM 0 -> APIC 0x01 -> Node 0', cause: 'kernel', why: NO_SRAT },
  { line: 'ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]', cause: 'kernel', why: NO_SRAT },
  { line: 'ACPI: SRAT: Node 0 PXM 0 [mem 0x00100000-0xbfffffff]', cause: 'kernel', why: NO_SRAT },
  { line: 'ACPI: SRAT: Node 0 PXM 0 [mem 0x100000000-0x21fffffff]', cause: 'kernel', why: NO_SRAT },
  {
    line: 'NUMA: Node 0 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0xbfffffff] -> [mem 0x00000000-0xbfffffff]',
    cause: 'kernel',
    why: NO_SRAT,
  },
  {
    line: 'NUMA: Node 0 [mem 0x00000000-0xbfffffff] + [mem 0x100000000-0x21fffffff] -> [mem 0x00000000-0x21fffffff]',
    cause: 'kernel',
    why: NO_SRAT,
  },
  { line: 'NODE_DATA(0) allocated [mem 0x21fffa000-0x21fffdfff]', cause: 'kernel', why: NO_SRAT },
  { line: 'RTC time:  5:50:31, date: 11/22/18', cause: 'kernel', why: 'no longer printed' },
  { line: 'smp: Brought up 1 node, 2 CPUs', cause: 'CPU count', why: 'one CPU is run' },
];

/** Lines of the log of March 2024 that our kernel does not print, or that another build of the firmware made. */
export const EXCEPTIONS_MARCH: readonly Exception[] = [
  {
    line: 'pci_bus 0000:00: root bus resource [mem 0xc0000000-0xfebfefff window]',
    cause: 'firmware',
    why: 'the tables of 2018 have one page more in the window',
  },
  {
    line: 'Hardware name: Google Google Compute Engine/Google Compute Engine, BIOS Google 02/29/2024',
    cause: 'firmware',
    why: 'the BIOS of 2018 had the date 01/01/2011',
  },
  { line: 'ACPI: _OSC evaluation for CPUs failed, trying _PDC', cause: 'kernel', why: NOT_SAID },
  {
    line: 'acpi PNP0A03:00: _OSC: not requesting OS control; OS requires [ExtendedConfig ASPM ClockPM MSI]',
    cause: 'kernel',
    why: 'our kernel has no services for PCI Express ports, and does not come to ask',
  },
];

/** Lines of the log of August 2018 that a boot on v86 cannot print, or that another build of the firmware made. */
export const EXCEPTIONS_AUGUST: readonly Exception[] = [
  ...X2APIC,
  ...NO_LONGER_SAID,
  { line: 'ACPI: RSDP 0x00000000000F27C0 000014 (v00 Google)', cause: 'firmware', why: ANOTHER_BUILD },
  {
    line: 'ACPI: RSDT 0x00000000BFFF3430 000038 (v01 Google GOOGRSDT 00000001 GOOG 00000001)',
    cause: 'firmware',
    why: ANOTHER_BUILD,
  },
  {
    line: 'ACPI: FACP 0x00000000BFFFCF60 0000F4 (v02 Google GOOGFACP 00000001 GOOG 00000001)',
    cause: 'firmware',
    why: ANOTHER_BUILD,
  },
  {
    line: 'ACPI: DSDT 0x00000000BFFF3470 0017B2 (v01 Google GOOGDSDT 00000001 GOOG 00000001)',
    cause: 'firmware',
    why: ANOTHER_BUILD,
  },
  { line: 'ACPI: FACS 0x00000000BFFFCF00 000040', cause: 'firmware', why: ANOTHER_BUILD },
  {
    line: 'ACPI: SSDT 0x00000000BFFF65F0 00690D (v01 Google GOOGSSDT 00000001 GOOG 00000001)',
    cause: 'firmware',
    why: ANOTHER_BUILD,
  },
  {
    line: 'ACPI: APIC 0x00000000BFFF5D10 000086 (v01 Google GOOGAPIC 00000001 GOOG 00000001)',
    cause: 'firmware',
    why: ANOTHER_BUILD,
  },
  {
    line: 'ACPI: WAET 0x00000000BFFF5CE0 000028 (v01 Google GOOGWAET 00000001 GOOG 00000001)',
    cause: 'firmware',
    why: ANOTHER_BUILD,
  },
  {
    line: 'ACPI: SRAT 0x00000000BFFF4C30 0000E8 (v01 Google GOOGSRAT 00000001 GOOG 00000001)',
    cause: 'firmware',
    why: ANOTHER_BUILD,
  },
  { line: '  node   0: [mem 0x0000000000100000-0x00000000bfff2fff]', cause: 'firmware', why: ANOTHER_BUILD },
  { line: 'e820: reserve RAM buffer [mem 0xbfff3000-0xbfffffff]', cause: 'firmware', why: ANOTHER_BUILD },
  { line: '  node   0: [mem 0x0000000100000000-0x00000003ffffffff]', cause: 'v86', why: NO_HIGH_RAM },
  { line: 'PM: Registered nosave memory: [mem 0xbfff3000-0xbfffffff]', cause: 'v86', why: NO_HIGH_RAM },
  { line: 'PM: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]', cause: 'v86', why: NO_HIGH_RAM },
  { line: 'PM: Registered nosave memory: [mem 0xfffbc000-0xffffffff]', cause: 'v86', why: NO_HIGH_RAM },
  {
    line: 'PCI: pci_cache_line_size set to 64 bytes',
    cause: 'v86',
    why: CACHE_LINES,
  },
  { line: 'SRAT: PXM 0 -> APIC 0x00 -> Node 0', cause: 'kernel', why: NO_SRAT },
  { line: 'SRAT: PXM 0 -> APIC 0x01 -> Node 0', cause: 'kernel', why: NO_SRAT },
  { line: 'SRAT: PXM 0 -> APIC 0x02 -> Node 0', cause: 'kernel', why: NO_SRAT },
  { line: 'SRAT: PXM 0 -> APIC 0x03 -> Node 0', cause: 'kernel', why: NO_SRAT },
  { line: 'SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]', cause: 'kernel', why: NO_SRAT },
  { line: 'SRAT: Node 0 PXM 0 [mem 0x00100000-0xbfffffff]', cause: 'kernel', why: NO_SRAT },
  { line: 'SRAT: Node 0 PXM 0 [mem 0x100000000-0x3ffffffff]', cause: 'kernel', why: NO_SRAT },
  { line: 'RTC time: 16:18:26, date: 08/11/18', cause: 'kernel', why: NOT_SAID },
  { line: 'ACPI: Executed 2 blocks of module-level executable AML code', cause: 'kernel', why: NOT_SAID },
  { line: 'acpi PNP0A03:00: _OSC failed (AE_NOT_FOUND); disabling ASPM', cause: 'kernel', why: NOT_SAID },
  {
    line: 'smpboot: Allowing 4 CPUs, 0 hotplug CPUs',
    cause: 'kernel',
    why: 'our kernel is built for two CPUs and four ports',
  },
  {
    line: 'Serial: 8250/16550 driver, 32 ports, IRQ sharing enabled',
    cause: 'kernel',
    why: 'our kernel is built for two CPUs and four ports',
  },
  { line: 'x86: Booted up 1 node, 4 CPUs', cause: 'CPU count', why: 'one CPU is run' },
];
