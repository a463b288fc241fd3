import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { OtherMachine } from '../other-machine.ts';
import type { UseName } from '../uses.ts';
import type { Stage } from './stage.ts';

/** What any driver can be put through, without a change of it. */
export interface SuiteScenario {
  /** Ends the sentence "the driver meets …". */
  readonly name: string;
  /** What a driver may do wrong here that it cannot do elsewhere. */
  readonly why: string;
  /** Clauses that it comes by here, and not on a machine where nothing happens; a test holds the reference drivers to it. */
  readonly provokes?: readonly ClauseId[];
  /** Whether it says anything of a machine with these options. Left out, of every one. */
  readonly applies?: (base: MachineOptions) => boolean;
  /** Nothing in it that matters is by chance: of several seeds, it is played with the first alone. */
  readonly once?: true;
  /**
   * What it has the driver do beside `run`: it is skipped for a model whose `use` lacks one. `drivers`: of a machine like this our
   * own guest, which uses every part of one, does not come to its end.
   */
  readonly needs?: readonly (UseName | 'drivers')[];
  /** What this machine has beside what the judged one has. */
  readonly options?: (base: MachineOptions) => MachineOptions;
  /** What happens. Left out, the driver is started and used. */
  readonly act?: (stage: Stage) => void;
  /** The same on a machine that is none of ours. Left out, it cannot be played there. */
  readonly elsewhere?: (stage: Stage<OtherMachine>) => void;
}

/** Options with more of them, one level deep. */
export function withOptions(more: MachineOptions): (base: MachineOptions) => MachineOptions {
  return (base) => ({ ...base, ...more });
}

/** What `act` is where it is left out. */
export function startAndUse({ start, use }: Stage<unknown>): void {
  start();
  use();
}

const SMALL_DISK = 1 << 20;

/** The first card has nothing at its other end, the first disk is small and lies in memory, and both answer at once. */
export function plain(base: MachineOptions): MachineOptions {
  const { nics: [nic] = [], disks: [disk] = [], completion: _, ...rest } = base;
  return {
    ...rest,
    nics: [{ ...nic, backend: 'none' }],
    disks: [{ bytes: SMALL_DISK, ...pick(disk, 'target'), ...pick(disk, 'lun') }],
  };
}

function pick<T extends object, K extends keyof T>(from: T | undefined, key: K): Partial<Pick<T, K>> {
  return from?.[key] === undefined ? {} : ({ [key]: from[key] } as Pick<T, K>);
}
