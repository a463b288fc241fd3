import { because, NO_HIGH_RAM, NO_PAE, NO_SRAT, RAM_BEHIND } from './exceptions-common.ts';
import type { Exception } from './log.ts';

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
