/** How an item of a real machine compares with ours. */
export const COMPARED = ['new', 'known', 'equal', 'masked-equal', 'not compared'] as const;

export interface ComparedItem {
  /** The item's name in the capture; of a text the number of its line. */
  readonly name: string;
  /** `masked-equal`: equal but for what was masked. `known`: docs/fidelity.md says it. */
  readonly outcome: (typeof COMPARED)[number];
  /** Where they differ: what is there, and what is here. */
  readonly said: string;
  /** Of a known difference, and of what is not compared: why. */
  readonly reason: string;
}

export function equal(name: string, isMasked = false): ComparedItem {
  return { name, outcome: isMasked ? 'masked-equal' : 'equal', said: '', reason: '' };
}

export function skipped(name: string, reason: string): ComparedItem {
  return { name, outcome: 'not compared', said: '', reason };
}

/** A difference, known if a row of the table has it. */
export function differing(name: string, said: string): ComparedItem {
  const known = KNOWN.find((row) => row.name.test(name) && (row.said?.test(said) ?? true));
  return known === undefined
    ? { name, outcome: 'new', said, reason: '' }
    : { name, outcome: 'known', said, reason: known.why };
}

interface KnownDifference {
  readonly name: RegExp;
  readonly said?: RegExp;
  /** As docs/fidelity.md has it, among captures. */
  readonly why: string;
}

/** Differences that docs/fidelity.md names. */
export const KNOWN: readonly KnownDifference[] = [
  {
    name: /^acpi\/(DSDT|SSDT)/,
    why: 'The AML is ours; what it does is compared by a Linux that runs it.',
  },
  {
    name: /^acpi\/SRAT/,
    why: 'How much RAM there is, and where, is an option.',
  },
  {
    name: /^smbios\/DMI/,
    said: /bytes there/,
    why: 'The date of the firmware, sizes of RAM and the signature of the processor are options.',
  },
  {
    name: /^text /,
    said: /SSDT of \d+ bytes v01/,
    why: 'The SSDT has room for maxCpus processors, an option.',
  },
  {
    name: /^text /,
    said: /^(ACPI0006|ACPI0007|QEMU0001) there/,
    why: 'OpenBSD found devices ACPI0006, ACPI0007 and QEMU0001 in 2018: what they answer was never seen.',
  },
  {
    name: /^text /,
    said: /of LNKD there/,
    why: 'Linux moved LNKD to IRQ 10 in 2017, 2018 and 2023; firmware leaves it on 11.',
  },
  {
    name: /^text /,
    said: /^io 0 \[32\] there, io 1000 \[32\] here/,
    why: 'The firmware of a T2A left the base address of ports 0, which no driver here takes.',
  },
  {
    name: /^text /,
    said: /there, no SMBIOS here/,
    why: 'A T2A has no SMBIOS here.',
  },
];
