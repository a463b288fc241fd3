import {
  because,
  CACHE_LINES,
  NO_LONGER_SAID,
  NO_PAE,
  NO_SRAT,
  NOT_SAID,
  OSI,
  X2APIC,
} from './exceptions-common.ts';
import type { Exception } from './log.ts';

const NO_HIGH_RAM = 'v86 has no RAM above 4 GiB';
const ANOTHER_BUILD = 'that build of the firmware had an SSDT of 690Dh bytes, so its tables lie elsewhere';

/** Lines of the log of November 2018 that a boot on v86 cannot print, with the cause of each. */
export const EXCEPTIONS_NOVEMBER: readonly Exception[] = [
  ...X2APIC,
  ...OSI,
  ...because('v86', NO_HIGH_RAM, [
    'BIOS-e820: [mem 0x0000000100000000-0x000000021fffffff] usable',
    'last_pfn = 0x220000 max_arch_pfn = 0x400000000',
  ]),
  ...because('v86', 'named only if there is RAM behind it', [
    'PM: Registered nosave memory: [mem 0xbfffd000-0xbfffffff]',
    'PM: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]',
    'PM: Registered nosave memory: [mem 0xfffbc000-0xffffffff]',
  ]),
  ...because('kernel', NO_PAE, ['last_pfn = 0xbfffd max_arch_pfn = 0x400000000']),
  ...because('kernel', 'since 5.13 the first MiB is never used, so there is nothing to scan', [
    'check: Scanning 1 areas for low memory corruption',
  ]),
  ...because('kernel', NO_SRAT, [
    'SRAT: PXM 0 -> APIC 0x00 -> Node 0',
    'SRAT: PXM 0 -> APIC 0x01 -> Node 0',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x00100000-0xbfffffff]',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x100000000-0x21fffffff]',
    'NUMA: Node 0 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0xbfffffff] -> [mem 0x00000000-0xbfffffff]',
    'NUMA: Node 0 [mem 0x00000000-0xbfffffff] + [mem 0x100000000-0x21fffffff] -> [mem 0x00000000-0x21fffffff]',
    'NODE_DATA(0) allocated [mem 0x21fffa000-0x21fffdfff]',
  ]),
  ...because('kernel', 'no longer printed', ['RTC time:  5:50:31, date: 11/22/18']),
  ...because('CPU count', 'one CPU is run', ['smp: Brought up 1 node, 2 CPUs']),
];

/** Lines of the log of March 2024 that our kernel does not print, or that another build of the firmware made. */
export const EXCEPTIONS_MARCH: readonly Exception[] = [
  ...because('firmware', 'the tables of 2018 have one page more in the window', [
    'pci_bus 0000:00: root bus resource [mem 0xc0000000-0xfebfefff window]',
  ]),
  ...because('firmware', 'the BIOS of 2018 had the date 01/01/2011', [
    'Hardware name: Google Google Compute Engine/Google Compute Engine, BIOS Google 02/29/2024',
  ]),
  ...because('kernel', NOT_SAID, ['ACPI: _OSC evaluation for CPUs failed, trying _PDC']),
  ...because('kernel', 'our kernel has no services for PCI Express ports, and does not come to ask', [
    'acpi PNP0A03:00: _OSC: not requesting OS control; OS requires [ExtendedConfig ASPM ClockPM MSI]',
  ]),
];

/** Lines of the log of August 2018 that a boot on v86 cannot print, or that another build of the firmware made. */
export const EXCEPTIONS_AUGUST: readonly Exception[] = [
  ...X2APIC,
  ...NO_LONGER_SAID,
  ...because('firmware', ANOTHER_BUILD, [
    'ACPI: RSDP 0x00000000000F27C0 000014 (v00 Google)',
    'ACPI: RSDT 0x00000000BFFF3430 000038 (v01 Google GOOGRSDT 00000001 GOOG 00000001)',
    'ACPI: FACP 0x00000000BFFFCF60 0000F4 (v02 Google GOOGFACP 00000001 GOOG 00000001)',
    'ACPI: DSDT 0x00000000BFFF3470 0017B2 (v01 Google GOOGDSDT 00000001 GOOG 00000001)',
    'ACPI: FACS 0x00000000BFFFCF00 000040',
    'ACPI: SSDT 0x00000000BFFF65F0 00690D (v01 Google GOOGSSDT 00000001 GOOG 00000001)',
    'ACPI: APIC 0x00000000BFFF5D10 000086 (v01 Google GOOGAPIC 00000001 GOOG 00000001)',
    'ACPI: WAET 0x00000000BFFF5CE0 000028 (v01 Google GOOGWAET 00000001 GOOG 00000001)',
    'ACPI: SRAT 0x00000000BFFF4C30 0000E8 (v01 Google GOOGSRAT 00000001 GOOG 00000001)',
    '  node   0: [mem 0x0000000000100000-0x00000000bfff2fff]',
    'e820: reserve RAM buffer [mem 0xbfff3000-0xbfffffff]',
  ]),
  ...because('v86', NO_HIGH_RAM, [
    '  node   0: [mem 0x0000000100000000-0x00000003ffffffff]',
    'PM: Registered nosave memory: [mem 0xbfff3000-0xbfffffff]',
    'PM: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]',
    'PM: Registered nosave memory: [mem 0xfffbc000-0xffffffff]',
  ]),
  ...because('v86', CACHE_LINES, ['PCI: pci_cache_line_size set to 64 bytes']),
  ...because('kernel', NO_SRAT, [
    'SRAT: PXM 0 -> APIC 0x00 -> Node 0',
    'SRAT: PXM 0 -> APIC 0x01 -> Node 0',
    'SRAT: PXM 0 -> APIC 0x02 -> Node 0',
    'SRAT: PXM 0 -> APIC 0x03 -> Node 0',
    'SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]',
    'SRAT: Node 0 PXM 0 [mem 0x00100000-0xbfffffff]',
    'SRAT: Node 0 PXM 0 [mem 0x100000000-0x3ffffffff]',
  ]),
  ...because('kernel', NOT_SAID, [
    'RTC time: 16:18:26, date: 08/11/18',
    'ACPI: Executed 2 blocks of module-level executable AML code',
    'acpi PNP0A03:00: _OSC failed (AE_NOT_FOUND); disabling ASPM',
  ]),
  ...because('kernel', 'our kernel is built for two CPUs and four ports', [
    'smpboot: Allowing 4 CPUs, 0 hotplug CPUs',
    'Serial: 8250/16550 driver, 32 ports, IRQ sharing enabled',
  ]),
  ...because('CPU count', 'one CPU is run', ['x86: Booted up 1 node, 4 CPUs']),
];
