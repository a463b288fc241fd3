import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
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
  /** What it has the driver do beside `run`: it is skipped for a model whose `use` lacks one. */
  readonly needs?: readonly UseName[];
  /** What this machine has beside what the judged one has. */
  readonly options?: (base: MachineOptions) => MachineOptions;
  /** What happens. Left out, the driver is started and used. */
  readonly act?: (stage: Stage) => void;
}

/** Options with more of them, one level deep. */
export function withOptions(more: MachineOptions): (base: MachineOptions) => MachineOptions {
  return (base) => ({ ...base, ...more });
}

const SMALL_DISK = 1 << 20;

/** The first card has nothing at its other end, and the first disk is small and lies in memory. */
export function plain({ nics = [{}], disks = [{}], ...base }: MachineOptions): MachineOptions {
  const { target, lun, name } = disks[0] ?? {};
  const place = { ...(target !== undefined && { target }), ...(lun !== undefined && { lun }) };
  return {
    ...base,
    nics: [{ ...nics[0], backend: 'none' }],
    disks: [{ bytes: SMALL_DISK, ...place, ...(name !== undefined && { name }) }],
  };
}
