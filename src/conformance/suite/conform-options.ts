import type { Nanos } from '../../core/bits.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { Waivers } from '../verdict.ts';
import type { ConformanceRun, ProfileName } from './play.ts';

/** What a driver is put through, and what may be left out of account. */
export interface ConformOptions {
  /** Default `gce-n1`. */
  readonly profile?: ProfileName;
  /** Options of every machine; what a scenario is about comes over them. */
  readonly machine?: MachineOptions;
  /** Each scenario is played once with each. Default [1]. */
  readonly seeds?: readonly number[];
  /** Those to play, by their names. Default: all. */
  readonly scenarios?: readonly string[];
  /** Clauses that the driver may break, each with the reason. */
  readonly waive?: Waivers;
  /** Clauses that fail if nothing reached them. */
  readonly require?: readonly ClauseId[];
  /** Virtual nanoseconds that the driver has for a scenario. Default ten seconds, ten million accesses. */
  readonly time?: Nanos;
  /**
   * Milliseconds of a processor after which a driver is ended that makes no access meanwhile; one that computes for longer
   * needs more, and Infinity is for ever. Default 1000.
   */
  readonly hostTime?: number;
  /** Called after each run, with how many are done and how many there are. */
  readonly onRun?: (run: ConformanceRun, done: number, all: number) => void;
}

/** Their names: `judge` knows them without the suite. */
export const CONFORM_OPTIONS = {
  profile: true,
  machine: true,
  seeds: true,
  scenarios: true,
  waive: true,
  require: true,
  time: true,
  hostTime: true,
  onRun: true,
} as const satisfies Record<keyof ConformOptions, true>;
