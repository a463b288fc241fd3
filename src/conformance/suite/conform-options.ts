import type { Nanos } from '../../core/bits.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { Waivers } from '../verdict.ts';
import type { Known } from './conformance.ts';
import type { ConformanceRun, ProfileName } from './play.ts';

/** What is known to be wrong with a driver: the contents of the command line's `--baseline`. */
export interface Baseline {
  readonly known: readonly Known[];
}

/** Clauses that a driver may break, and scenarios that it need not finish, each with its reason. */
export type SuiteWaivers = Waivers & { readonly [scenario: string]: string | undefined };

/** The machines, scenarios and limits for a driver, and its waivers. */
export interface ConformOptions {
  /** Default `gce-n1`. */
  readonly profile?: ProfileName;
  /** Options of every machine; a scenario's own options override them. */
  readonly machine?: MachineOptions;
  /** Each scenario is played once with each. Default [1]. */
  readonly seeds?: readonly number[];
  /** Those to play, by their names. Default: all. */
  readonly scenarios?: readonly string[];
  /** Plays a part of the scenarios: `1/2` and `2/2` together are all of them, each once. `require` is for the whole. */
  readonly shard?: string | undefined;
  /** Judges these clauses alone, or those that begin so: `virtio/NET`. Default: all. */
  readonly only?: readonly string[];
  /** Clauses that the driver may break, and scenarios that it need not finish, each with the reason. */
  readonly waive?: SuiteWaivers;
  /** What is known to be wrong, so that only what is new fails. */
  readonly baseline?: Baseline;
  /** Clauses that fail if nothing reached them. */
  readonly require?: readonly ClauseId[];
  /** Virtual nanoseconds that the driver has for a scenario. Default ten seconds, ten million accesses. */
  readonly time?: Nanos;
  /**
   * Milliseconds of a processor after which a driver is ended that makes no access meanwhile; one that computes for
   * longer needs more, and Infinity is no limit. Default 1000.
   */
  readonly hostTime?: number;
  /** Plays it against devices that lie, too: `Conformance.hard` tells how it fared. Default false. */
  readonly hostile?: boolean;
  /** Called after each run, with how many are done and how many there are. */
  readonly onRun?: (run: ConformanceRun, done: number, all: number) => void;
}

/** The option names; `judge` then needs no import of the suite. */
export const CONFORM_OPTIONS = {
  profile: true,
  machine: true,
  seeds: true,
  scenarios: true,
  shard: true,
  only: true,
  baseline: true,
  waive: true,
  require: true,
  time: true,
  hostTime: true,
  hostile: true,
  onRun: true,
} as const satisfies Record<keyof ConformOptions, true>;
