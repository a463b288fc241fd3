import {
  because,
  CACHE_LINES,
  NO_LONGER_SAID,
  NO_PAE,
  NO_SRAT,
  NOT_SAID,
  OSI,
  OSI_GONE,
  X2APIC,
} from './exceptions.ts';
import type { Exception } from './log.ts';

const OTHER_ORDER = 'there this driver was a module, so another device came first';
const NOT_BY_EFI =
  'said where a boot loader tells of EFI, which our host does not, and by a kernel that is built for it';

/** Lines of the log of November 2023, of a machine with a UEFI, that a boot on v86 cannot print, with the cause of each. */
export const EXCEPTIONS_UEFI: readonly Exception[] = [
  ...because('kernel', NOT_SAID, ['kvm-clock: cpu 0, msr 11601001, primary cpu clock']),
  ...because('kernel', 'ours is built without such spinlocks, and with 100 ticks a second, not 250', [
    'kvm-guest: PV spinlocks disabled, single CPU',
    'Calibrating delay loop (skipped) preset value.. 4400.34 BogoMIPS (lpj=8800680)',
  ]),
  ...X2APIC,
  ...OSI,
  ...NO_LONGER_SAID,
  ...because('boot protocol', NOT_BY_EFI, [
    'efi: EFI v2.70 by EDK II',
    'efi: TPMFinalLog=0x261f7000 ACPI=0x2617e000 ACPI 2.0=0x2617e014 SMBIOS=0x25fca000 MEMATTR=0x249a0018',
    'secureboot: Secure boot disabled',
    'Registered efivars operations',
  ]),
  ...because('not modelled', 'no TPM is modelled; our tables say that it is absent', [
    'tpm_tis MSFT0101:00: 2.0 TPM (device-id 0x9009, rev-id 0)',
  ]),
  ...because('v86', CACHE_LINES, [
    'PCI: pci_cache_line_size set to 64 bytes',
    'PCI: CLS 0 bytes, default 64',
  ]),
  ...because('kernel', NO_PAE, ['last_pfn = 0x265e0 max_arch_pfn = 0x400000000']),
  ...because('kernel', NO_SRAT, [
    'SRAT: PXM 0 -> APIC 0x00 -> Node 0',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]',
    'ACPI: SRAT: Node 0 PXM 0 [mem 0x00100000-0x265fffff]',
    'NUMA: Node 0 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0x265dffff] -> [mem 0x00000000-0x265dffff]',
    'NODE_DATA(0) allocated [mem 0x26498000-0x264c1fff]',
  ]),
  ...because('kernel', OSI_GONE, ['ACPI: Added _OSI(Linux-HPI-Hybrid-Graphics)']),
  ...because('kernel', OTHER_ORDER, [
    'input: AT Translated Set 2 keyboard as /devices/platform/i8042/serio0/input/input0',
    'input: Power Button as /devices/LNXSYSTM:00/LNXPWRBN:00/input/input2',
    'input: Sleep Button as /devices/LNXSYSTM:00/LNXSLPBN:00/input/input3',
  ]),
];
