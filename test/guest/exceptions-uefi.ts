import type { Exception } from './log.ts';

const NO_SRAT = 'an i386 kernel has no reader of SRAT';
const NOT_SAID = 'no longer said, or to developers only';
const OSI_GONE = 'the kernel dropped it from its list';
const OTHER_ORDER = 'there this driver was a module, so another device came first';
const NO_EFI =
  'the EFI system table and its services are not modelled; our kernel has no use for them either';
const NO_X2APIC = 'the local APIC of v86 has no x2APIC mode';
const CACHE_LINES = 'its processor has cache lines of another size';

/** Lines of the log of November 2023, of a machine with an UEFI, that a boot on v86 cannot print, with the cause of each. */
export const EXCEPTIONS_UEFI: readonly Exception[] = [
  { line: 'efi: EFI v2.70 by EDK II', cause: 'not modelled', why: NO_EFI },
  {
    line: 'efi: TPMFinalLog=0x261f7000 ACPI=0x2617e000 ACPI 2.0=0x2617e014 SMBIOS=0x25fca000 MEMATTR=0x249a0018',
    cause: 'not modelled',
    why: NO_EFI,
  },
  { line: 'secureboot: Secure boot disabled', cause: 'not modelled', why: NO_EFI },
  { line: 'Registered efivars operations', cause: 'not modelled', why: NO_EFI },
  {
    line: 'tpm_tis MSFT0101:00: 2.0 TPM (device-id 0x9009, rev-id 0)',
    cause: 'not modelled',
    why: 'there is no TPM; our tables have one that is absent',
  },
  { line: 'x2apic enabled', cause: 'v86', why: NO_X2APIC },
  { line: 'Switched APIC routing to physical x2apic.', cause: 'v86', why: NO_X2APIC },
  { line: 'PCI: pci_cache_line_size set to 64 bytes', cause: 'v86', why: CACHE_LINES },
  { line: 'PCI: CLS 0 bytes, default 64', cause: 'v86', why: CACHE_LINES },
  {
    line: 'last_pfn = 0x265e0 max_arch_pfn = 0x400000000',
    cause: 'kernel',
    why: 'an i386 kernel without PAE knows of 32 bits',
  },
  { line: 'SRAT: PXM 0 -> APIC 0x00 -> Node 0', cause: 'kernel', why: NO_SRAT },
  { line: 'ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]', cause: 'kernel', why: NO_SRAT },
  { line: 'ACPI: SRAT: Node 0 PXM 0 [mem 0x00100000-0x265fffff]', cause: 'kernel', why: NO_SRAT },
  {
    line: 'NUMA: Node 0 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0x265dffff] -> [mem 0x00000000-0x265dffff]',
    cause: 'kernel',
    why: NO_SRAT,
  },
  { line: 'NODE_DATA(0) allocated [mem 0x26498000-0x264c1fff]', cause: 'kernel', why: NO_SRAT },
  { line: 'ACPI: Local APIC address 0xfee00000', cause: 'kernel', why: NOT_SAID },
  { line: 'ACPI: IRQ5 used by override.', cause: 'kernel', why: NOT_SAID },
  { line: 'ACPI: IRQ9 used by override.', cause: 'kernel', why: NOT_SAID },
  { line: 'ACPI: IRQ10 used by override.', cause: 'kernel', why: NOT_SAID },
  { line: 'ACPI: IRQ11 used by override.', cause: 'kernel', why: NOT_SAID },
  { line: 'ACPI: Added _OSI(3.0 _SCP Extensions)', cause: 'kernel', why: OSI_GONE },
  { line: 'ACPI: Added _OSI(Linux-Dell-Video)', cause: 'kernel', why: OSI_GONE },
  { line: 'ACPI: Added _OSI(Linux-Lenovo-NV-HDMI-Audio)', cause: 'kernel', why: OSI_GONE },
  { line: 'ACPI: Added _OSI(Linux-HPI-Hybrid-Graphics)', cause: 'kernel', why: OSI_GONE },
  { line: 'pnp 00:00: Plug and Play ACPI device, IDs PNP0b00 (active)', cause: 'kernel', why: NOT_SAID },
  { line: 'pnp 00:01: Plug and Play ACPI device, IDs PNP0303 (active)', cause: 'kernel', why: NOT_SAID },
  { line: 'pnp 00:02: Plug and Play ACPI device, IDs PNP0f13 (active)', cause: 'kernel', why: NOT_SAID },
  { line: 'pnp 00:03: Plug and Play ACPI device, IDs PNP0501 (active)', cause: 'kernel', why: NOT_SAID },
  { line: 'pnp 00:04: Plug and Play ACPI device, IDs PNP0501 (active)', cause: 'kernel', why: NOT_SAID },
  { line: 'pnp 00:05: Plug and Play ACPI device, IDs PNP0501 (active)', cause: 'kernel', why: NOT_SAID },
  { line: 'pnp 00:06: Plug and Play ACPI device, IDs PNP0501 (active)', cause: 'kernel', why: NOT_SAID },
  {
    line: 'input: AT Translated Set 2 keyboard as /devices/platform/i8042/serio0/input/input0',
    cause: 'kernel',
    why: OTHER_ORDER,
  },
  {
    line: 'input: Power Button as /devices/LNXSYSTM:00/LNXPWRBN:00/input/input2',
    cause: 'kernel',
    why: OTHER_ORDER,
  },
  {
    line: 'input: Sleep Button as /devices/LNXSYSTM:00/LNXSLPBN:00/input/input3',
    cause: 'kernel',
    why: OTHER_ORDER,
  },
];
