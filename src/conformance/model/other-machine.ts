import type { Journal } from '../../core/journal.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { ProbedMachine, Wire } from '../probe/probed-machine.ts';

/** A machine that is not ours, on which a driver is judged by what can be seen of it there. */
export interface OtherMachine extends Pick<ProbedMachine, 'port' | 'now' | 'ramBytes' | 'serial' | 'disks'> {
  /** The seed of a scenario's random choices; time is still the host's. */
  readonly seed: number;
  readonly nics: readonly (Wire & { readonly mac: string })[];
  readonly journal: Journal;
  /** The clauses that can be judged there. */
  readonly judges: ReadonlySet<ClauseId>;
  /** Runs `act` without attributing it to the driver. */
  unseen(act: () => void): void;
  close(): void;
}

/** The members of any machine on which a driver is judged. */
export type AnyMachine = Pick<Machine, 'port' | 'now'>;
