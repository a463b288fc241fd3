/** Architectures of Compute Engine's machines, by Debian's and the kernel's common names. */
export const ARCHITECTURES = ['x86_64', 'i386', 'arm64'] as const;
/** One of them. */
export type Architecture = (typeof ARCHITECTURES)[number];
export const X86: readonly Architecture[] = ['x86_64', 'i386'];

/** Whose wish a line is, and how strong: the document's two lists of options, its list of sysctls, or ours. */
export type Group = 'required options' | 'recommended options' | 'sysctls' | 'ours';

/** An option that took another's place. */
export interface Successor {
  readonly option: string;
  readonly since: string;
}

/** A line about an option of the kernel's configuration; names go without `CONFIG_`. */
export interface OptionRule {
  readonly group: Exclude<Group, 'sysctls'>;
  readonly option: string;
  /** `y`, `n`, or a number that is the least. */
  readonly wanted: 'y' | 'n' | number;
  /** The reason in a line. */
  readonly why: string;
  /** Where its wish and its history are written. */
  readonly source: string;
  /** The first version that has it. */
  readonly since?: string;
  /** The first version that has it no longer. */
  readonly until?: string;
  /** What it is on other architectures is no business of the line's. */
  readonly architectures?: readonly Architecture[];
  /** What does the same work, the earliest first. */
  readonly successors?: readonly Successor[];
  /** Another option without which this one means nothing. */
  readonly needs?: { readonly option: string; readonly why: string };
  /** A security module's name that CONFIG_LSM must list, where there is one. */
  readonly listed?: string;
  /** The module it builds with `m`. */
  readonly module?: string;
  /** Needed even of a kernel that is too old to have it: there is no other way to the hardware. */
  readonly hardware?: true;
}

/** A line about a sysctl. */
export interface SysctlRule {
  readonly group: 'sysctls';
  readonly key: string;
  readonly wanted: number;
  /** More than what is wanted is stricter still. */
  readonly more?: true;
  /** What the kernel has when nobody sets it: the first version that has it so, an option that makes it otherwise. */
  readonly initial: { readonly value: number; readonly since?: string; readonly unless?: string };
  /** The option that makes the key exist. */
  readonly needs?: string;
  readonly why: string;
  readonly source: string;
}
