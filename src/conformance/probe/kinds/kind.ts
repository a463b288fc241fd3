import type { Driver } from '../../../core/driver.ts';
import type { Kind, Met, ProbeTask } from '../../../guest/index.ts';
import type { ProbedMachine } from '../probed-machine.ts';

/** A device of a kind that the guest has used. */
export type MetOf<K extends Kind> = Extract<Met, { kind: K }>;

/** A kind of device in a probe: what is seen from the machine's other end, and the report for people and for programs. */
export interface ProbedKind<K extends Kind, Seen> {
  /** Adds to what the guest learned. Without it that is all there is. */
  readonly bothEnds?: (met: MetOf<K>, machine: ProbedMachine, task: ProbeTask) => Seen;
  /** For a PCI function: its name for people, and its driver. */
  readonly function?: { readonly what: string; readonly driver: Driver<unknown> };
  /** A line for each: its kind, its name, what was seen of it. */
  rows(seen: readonly Seen[]): readonly (readonly [string, string, string])[];
  /** Fields of the report for programs; an empty object where there are none. */
  json(seen: readonly Seen[]): object;
}
