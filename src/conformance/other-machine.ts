import type { Journal } from '../core/journal.ts';
import type { Machine } from '../machine/machine.ts';
import type { ClauseId } from '../rules/index.ts';
import type { ProbedMachine, Wire } from './probed-machine.ts';

/** A machine that is none of ours, on which a driver is judged by what can be seen of it there. */
export interface OtherMachine extends Pick<ProbedMachine, 'port' | 'now' | 'ramBytes' | 'serial' | 'disks'> {
  /** Of what a scenario has by chance; time is the host's all the same. */
  readonly seed: number;
  readonly nics: readonly (Wire & { readonly mac: string })[];
  readonly journal: Journal;
  /** The clauses that can be judged there. */
  readonly judges: ReadonlySet<ClauseId>;
  /** What is done meanwhile is not the driver's. */
  unseen(act: () => void): void;
  close(): void;
}

/** What any machine has that a driver is put on. */
export type AnyMachine = Pick<Machine, 'port' | 'now'>;
