import type { Exception } from './log.ts';

/** Lines that are missing for the same reason. */
export function because(cause: Exception['cause'], why: string, lines: readonly string[]): Exception[] {
  return lines.map((line) => ({ line, cause, why }));
}

/** Reasons and lines that several logs have. */

export const NO_SRAT = 'an i386 kernel has no reader of SRAT';
export const NO_PAE = 'an i386 kernel without PAE knows of 32 bits';
export const NOT_SAID = 'no longer said, or to developers only';
export const NO_HIGH_RAM = 'v86 has no RAM above 4 GiB';
export const RAM_BEHIND = 'named only if there is RAM behind it';
export const NO_SCAN = 'since 5.13 the first MiB is never used, so there is nothing to scan';
export const NONE_THERE = 'by now nothing is said where there is none';
export const ONE_CPU = 'one CPU is run';
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
