import type { Exception } from './log.ts';

const NO_SRAT = 'an i386 kernel has no reader of SRAT';
const NO_HIGH_RAM = 'v86 has no RAM above 4 GiB';
const NO_X2APIC = 'the local APIC of v86 has no x2APIC mode';
const OSI_GONE = 'the kernel dropped it from its list';

/** Lines of the log of 2018 that a boot on v86 cannot print, with the cause of each. */
export const EXCEPTIONS_2018: readonly Exception[] = [
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
  { line: 'x2apic enabled', cause: 'v86', why: NO_X2APIC },
  { line: 'Switched APIC routing to physical x2apic.', cause: 'v86', why: NO_X2APIC },
  {
    line: 'last_pfn = 0xbfffd max_arch_pfn = 0x400000000',
    cause: 'kernel',
    why: 'an i386 kernel without PAE knows of 32 bits',
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
  { line: 'ACPI: Added _OSI(3.0 _SCP Extensions)', cause: 'kernel', why: OSI_GONE },
  { line: 'ACPI: Added _OSI(Linux-Dell-Video)', cause: 'kernel', why: OSI_GONE },
  { line: 'ACPI: Added _OSI(Linux-Lenovo-NV-HDMI-Audio)', cause: 'kernel', why: OSI_GONE },
  { line: 'smp: Brought up 1 node, 2 CPUs', cause: 'CPU count', why: 'one CPU is run' },
];
