/** Architectures of Compute Engine's machines, by Debian's and the kernel's common names. */
export const ARCHITECTURES = ['x86_64', 'i386', 'arm64'] as const;
/** One of them. */
export type Architecture = (typeof ARCHITECTURES)[number];
export const X86: readonly Architecture[] = ['x86_64', 'i386'];

/** Parts that some of Compute Engine's machines have, and what they are called. */
export const PARTS = {
  scsi: 'virtio-scsi',
  nvme: 'NVMe',
  virtio: 'virtio-net',
  gvnic: 'gVNIC',
  pc: 'chips of a PC',
} as const;
/** One of them. */
export type MachinePart = keyof typeof PARTS;

/** A machine that a kernel is to run on, by a name for the report, and what it has of these parts. */
export interface AuditedMachine {
  readonly name: string;
  readonly parts: readonly MachinePart[];
}

/** The source of a line, and its strength: the document's two lists of options, its list of sysctls, or ours. */
export type Group = 'required options' | 'recommended options' | 'sysctls' | 'ours';

/** An option that replaced another. */
export interface Successor {
  readonly option: string;
  readonly since: string;
}

/** A line about an option of the kernel's configuration; names go without `CONFIG_`. */
export interface OptionRule {
  readonly group: Exclude<Group, 'sysctls'>;
  readonly option: string;
  /** `y`, `n`, or a number that is the minimum. */
  readonly wanted: 'y' | 'n' | number;
  /** The reason in a line. */
  readonly why: string;
  /** The source of the requirement and of the option's history. */
  readonly source: string;
  /** The first version that has it. */
  readonly since?: string;
  /** The first version without it. */
  readonly until?: string;
  /** On other architectures the line does not apply. */
  readonly architectures?: readonly Architecture[];
  /** Without this part a machine does without the option; a machine that is named and has it needs the option. */
  readonly part?: MachinePart;
  /** Options that do the same, the earliest first. */
  readonly successors?: readonly Successor[];
  /** Another option without which this one has no effect. */
  readonly needs?: { readonly option: string; readonly why: string };
  /** A security module's name that CONFIG_LSM must list, if there is such a list. */
  readonly listed?: string;
  /** The module it builds with `m`. */
  readonly module?: string;
  /** Needed even by a kernel that is too old to have it: nothing else drives the hardware. */
  readonly hardware?: true;
}

/** A line about a sysctl. */
export interface SysctlRule {
  readonly group: 'sysctls';
  readonly key: string;
  readonly wanted: number;
  /** Larger values are stricter still. */
  readonly more?: true;
  /** The kernel's default: the first version with this value, an option that changes it. */
  readonly initial: { readonly value: number; readonly since?: string; readonly unless?: string };
  /** The option that makes the key exist. */
  readonly needs?: string;
  readonly why: string;
  readonly source: string;
}
