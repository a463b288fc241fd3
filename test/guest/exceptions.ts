import type { Exception } from './log.ts';

/** Lines that are missing for the same reason. */
export function because(cause: Exception['cause'], why: string, lines: readonly string[]): Exception[] {
  return lines.map((line) => ({ line, cause, why }));
}

/** Reasons and lines that several logs have. */

export const NO_SRAT = 'an i386 kernel has no reader of SRAT';
export const NO_PAE = 'an i386 kernel without PAE knows of 32 bits';
export const NOT_SAID = 'no longer said, or to developers only';
const NO_HIGH_RAM = 'v86 has no RAM above 4 GiB';
const RAM_BEHIND = 'named only if there is RAM behind it';
const NO_SCAN = 'since 5.13 the first MiB is never used, so there is nothing to scan';
const NONE_THERE = 'by now nothing is said where there is none';
const ONE_CPU = 'one CPU is run';
export const OSI_GONE = 'the kernel dropped it from its list';
export const CACHE_LINES = 'its processor has cache lines of another size';

export const X2APIC: readonly Exception[] = because('v86', 'the local APIC of v86 has no x2APIC mode', [
  'x2apic enabled',
  'Switched APIC routing to physical x2apic.',
]);

export const OSI: readonly Exception[] = because('kernel', OSI_GONE, [
  'ACPI: Added _OSI(3.0 _SCP Extensions)',
  'ACPI: Added _OSI(Linux-Dell-Video)',
  'ACPI: Added _OSI(Linux-Lenovo-NV-HDMI-Audio)',
]);

export const NO_LONGER_SAID: readonly Exception[] = because('kernel', NOT_SAID, [
  'ACPI: Local APIC address 0xfee00000',
  'ACPI: IRQ5 used by override.',
  'ACPI: IRQ9 used by override.',
  'ACPI: IRQ10 used by override.',
  'ACPI: IRQ11 used by override.',
  'pnp 00:00: Plug and Play ACPI device, IDs PNP0b00 (active)',
  'pnp 00:01: Plug and Play ACPI device, IDs PNP0303 (active)',
  'pnp 00:02: Plug and Play ACPI device, IDs PNP0f13 (active)',
  'pnp 00:03: Plug and Play ACPI device, IDs PNP0501 (active)',
  'pnp 00:04: Plug and Play ACPI device, IDs PNP0501 (active)',
  'pnp 00:05: Plug and Play ACPI device, IDs PNP0501 (active)',
  'pnp 00:06: Plug and Play ACPI device, IDs PNP0501 (active)',
]);

/** Lines of the log of November 2018 that a boot on v86 cannot print, with the cause of each. */
export const EXCEPTIONS_NOVEMBER: readonly Exception[] = [
  ...because('kernel', NOT_SAID, ['kvm-clock: cpu 0, msr a537001, primary cpu clock']),
  ...X2APIC,
  ...OSI,
  ...because('v86', NO_HIGH_RAM, [
    'BIOS-e820: [mem 0x0000000100000000-0x000000021fffffff] usable',
    'last_pfn = 0x220000 max_arch_pfn = 0x400000000',
    '  node   0: [mem 0x0000000100000000-0x000000021fffffff]',
    'Initmem setup node 0 [mem 0x0000000000001000-0x000000021fffffff]',
  ]),
  ...because('v86', RAM_BEHIND, [
    'PM: Registered nosave memory: [mem 0xbfffd000-0xbfffffff]',
    'PM: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]',
    'PM: Registered nosave memory: [mem 0xfffbc000-0xffffffff]',
  ]),
  ...because('kernel', NO_PAE, ['last_pfn = 0xbfffd max_arch_pfn = 0x400000000']),
  ...because('kernel', NO_SCAN, ['check: Scanning 1 areas for low memory corruption']),
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
  ...because('CPU count', ONE_CPU, ['smp: Brought up 1 node, 2 CPUs']),
];

/** Lines of the log of March 2024 that our kernel does not print. */
export const EXCEPTIONS_MARCH: readonly Exception[] = [
  ...because('kernel', 'said with a dump of the stack, and our boot has none', [
    'Hardware name: Google Google Compute Engine/Google Compute Engine, BIOS Google 02/29/2024',
  ]),
  ...because('kernel', NOT_SAID, ['ACPI: _OSC evaluation for CPUs failed, trying _PDC']),
];

/** Lines of the log of August 2018 that a boot on v86 cannot print. */
export const EXCEPTIONS_AUGUST: readonly Exception[] = [
  ...X2APIC,
  ...NO_LONGER_SAID,
  ...because('v86', NO_HIGH_RAM, [
    '  node   0: [mem 0x0000000100000000-0x00000003ffffffff]',
    'PM: Registered nosave memory: [mem 0xbfff3000-0xbfffffff]',
    'PM: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]',
    'PM: Registered nosave memory: [mem 0xfffbc000-0xffffffff]',
  ]),
  ...because('v86', CACHE_LINES, [
    'PCI: pci_cache_line_size set to 64 bytes',
    'PCI: CLS 0 bytes, default 64',
  ]),
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
  ...because('kernel', 'it mapped tables as if they were registers, where ACPI had mapped them as memory', [
    'ioremap error for 0xbfffd000-0xc0000000, requested 0x2, got 0x0',
    'dmi: Firmware registration failed.',
  ]),
  ...because('kernel', NONE_THERE, [
    'GHES: HEST is not enabled!',
    'BIOS EDD facility v0.16 2004-Jun-25, 0 devices found',
  ]),
  ...because('CPU count', ONE_CPU, ['x86: Booted up 1 node, 4 CPUs']),
];

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

/** Lines of the log of August 2024 that a boot on v86 cannot print. */
export const EXCEPTIONS_2024: readonly Exception[] = [
  ...because('v86', 'the local APIC of v86 has no x2APIC mode', [
    'x2apic enabled',
    'APIC: Switched APIC routing to: physical x2apic',
  ]),
  ...because('v86', NO_HIGH_RAM, [
    'BIOS-e820: [mem 0x0000000100000000-0x000000023fffffff] usable',
    'last_pfn = 0x240000 max_arch_pfn = 0x400000000',
  ]),
  ...because('v86', RAM_BEHIND, [
    'PM: hibernation: Registered nosave memory: [mem 0xbfffd000-0xbfffffff]',
    'PM: hibernation: Registered nosave memory: [mem 0xc0000000-0xfffbbfff]',
    'PM: hibernation: Registered nosave memory: [mem 0xfffbc000-0xffffffff]',
  ]),
  ...because('kernel', NO_PAE, ['last_pfn = 0xbfffd max_arch_pfn = 0x400000000']),
  ...because('kernel', NO_SRAT, [
    'SRAT: PXM 0 -> APIC 0x00 -> Node 0',
    'SRAT: PXM 0 -> APIC 0x01 -> Node 0',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x00100000-0xbfffffff]',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x100000000-0x23fffffff]',
    'NUMA: Node 0 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0xbfffffff] -> [mem 0x00000000-0xbfffffff]',
    'NUMA: Node 0 [mem 0x00000000-0xbfffffff] + [mem 0x100000000-0x23fffffff] -> [mem 0x00000000-0x23fffffff]',
  ]),
];
