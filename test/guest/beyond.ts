import type { Exception } from './log.ts';

/** Lines of ours that a log has not, and why it has not. */
export interface Beyond extends Omit<Exception, 'line'> {
  readonly lines: RegExp;
}

/** What of a kernel's lines tells of the firmware's tables. */
const OF_TABLES =
  /^(BIOS-e820: |SMBIOS |DMI: |found SMP |ACPI: [A-Z0-9]{4} (0x|<)|ACPI: (Reserving|Unable|LAPIC_NMI|INT_SRC_OVR|PM-Timer) ?|SRAT: |IOAPIC\[)/;

const NEW_WORDS: Beyond = {
  lines: /^DMI: Memory slots populated: 1\/1$/,
  cause: 'kernel',
  why: 'said since 5.13, where SMBIOS has structures of type 17',
};
const RESERVING: Beyond = {
  lines: /^ACPI: Reserving \w+ table memory at /,
  cause: 'kernel',
  why: 'said since 5.9, of the same places as the lines above',
};
const TWO_CPUS: Beyond = {
  lines: /^ACPI: Unable to map lapic to logical cpu number$/,
  cause: 'kernel',
  why: 'our kernel is built for two CPUs, and there are two more in the tables',
};

export const BEYOND_TWO = [NEW_WORDS, RESERVING];
export const BEYOND_FOUR = [NEW_WORDS, RESERVING, TWO_CPUS];
/** Of August only lines from ACPI on are held. */
export const BEYOND_AUGUST = [RESERVING, TWO_CPUS];
export const BEYOND_UEFI = [NEW_WORDS];

/**
 * The lines of `found`, from where `expected` begins, that tell of tables and stand there more often than in `expected`.
 *
 * @param expected in the words of our kernel.
 */
export function beyond(expected: readonly string[], found: readonly string[]): string[] {
  const later = found.slice(Math.max(0, found.indexOf(expected[0]!)));
  const often = (lines: readonly string[], line: string) => lines.filter((other) => other === line).length;
  return later.filter((line) => OF_TABLES.test(line) && often(later, line) > often(expected, line));
}
