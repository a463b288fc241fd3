import {
  because,
  CACHE_LINES,
  NO_HIGH_RAM,
  NO_LONGER_SAID,
  NO_PAE,
  NO_SCAN,
  NO_SRAT,
  NONE_THERE,
  NOT_SAID,
  ONE_CPU,
  RAM_BEHIND,
  X2APIC,
} from './exceptions-common.ts';
import type { Exception } from './log.ts';

/** Lines of the log of November 2018 with four CPUs that a boot on v86 cannot print, with the cause of each. */
export const EXCEPTIONS_FOUR: readonly Exception[] = [
  ...X2APIC,
  ...NO_LONGER_SAID,
  ...because('v86', NO_HIGH_RAM, [
    'BIOS-e820: [mem 0x0000000100000000-0x00000003ffffffff] usable',
    'e820: last_pfn = 0x400000 max_arch_pfn = 0x400000000',
    '  node   0: [mem 0x0000000100000000-0x00000003ffffffff]',
  ]),
  ...because('v86', RAM_BEHIND, [
    'PM: Registered nosave memory: [mem 0xbfffd000-0xbfffffff]',
    'PM: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]',
    'PM: Registered nosave memory: [mem 0xfffbc000-0xffffffff]',
  ]),
  ...because('v86', 'it has no MTRRs and no PAT', [
    'MTRR default type: write-back',
    'MTRR fixed ranges enabled:',
    '  00000-9FFFF write-back',
    '  A0000-BFFFF uncachable',
    '  C0000-FFFFF write-protect',
    'MTRR variable ranges enabled:',
    '  0 base 0000C0000000 mask 3FFFC0000000 uncachable',
    'x86/PAT: Configuration [0-7]: WB  WC  UC- UC  WB  WC  UC- WT',
  ]),
  ...because('v86', 'it has no machine check banks', ['mce: CPU supports 32 MCE banks']),
  ...because('v86', CACHE_LINES, [
    'PCI: pci_cache_line_size set to 64 bytes',
    'PCI: CLS 0 bytes, default 64',
  ]),
  ...because('kernel', NO_PAE, ['e820: last_pfn = 0xbfffd max_arch_pfn = 0x400000000']),
  ...because('kernel', NO_SCAN, ['Scanning 1 areas for low memory corruption']),
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
    'Base memory trampoline at [ffff880000099000] 99000 size 24576',
    'RTC time:  8:21:02, date: 11/21/18',
    'ACPI: Added _OSI(3.0 _SCP Extensions)',
    'ACPI: Executed 2 blocks of module-level executable AML code',
    'acpi PNP0A03:00: _OSC failed (AE_NOT_FOUND); disabling ASPM',
  ]),
  ...because('kernel', NONE_THERE, [
    'GHES: HEST is not enabled!',
    'BIOS EDD facility v0.16 2004-Jun-25, 0 devices found',
  ]),
  ...because('CPU count', ONE_CPU, ['x86: Booted up 1 node, 4 CPUs']),
];
