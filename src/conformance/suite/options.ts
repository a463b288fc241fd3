import type { Nanos } from '../../core/bits.ts';
import { checkFunction, checkList, checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { CLAUSES, type ClauseId } from '../../rules/index.ts';
import { checkHostTime, checkNames } from '../checks.ts';
import { HOST_TIME } from '../host/attempt.ts';
import { checkWaivers, type Waivers } from '../verdict.ts';
import { type ConformanceRun, PROFILES, type ProfileName } from './play.ts';
import { SUITE } from './scenarios/index.ts';

const TEN_SECONDS: Nanos = 10_000_000_000;

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

const DEFAULTS = {
  profile: 'gce-n1',
  machine: {},
  seeds: [1],
  waive: {},
  require: [],
  time: TEN_SECONDS,
  hostTime: HOST_TIME,
} as const satisfies ConformOptions;

/** With what stands for what was left out. */
export type CheckedOptions = Required<Omit<ConformOptions, 'onRun' | 'scenarios'>> &
  Pick<ConformOptions, 'onRun' | 'scenarios'>;

/** @throws MisuseError for what does not exist, and what is of another type. */
export function checkedOptions(options: ConformOptions): CheckedOptions {
  checkObject('options', options);
  checkNames(options, Object.keys(CONFORM_OPTIONS));
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  const checked: CheckedOptions = { ...DEFAULTS, ...Object.fromEntries(said) };
  const { profile, seeds, scenarios = [], require, time, hostTime } = checked;
  checkWaivers(options.waive);
  if (options.onRun !== undefined) checkFunction('options.onRun', options.onRun);
  if (!Object.hasOwn(PROFILES, profile))
    throw new MisuseError('options.profile', profile, Object.keys(PROFILES).join(' or '));
  checkList('options.seeds', seeds);
  checkList('options.scenarios', scenarios);
  checkList('options.require', require);
  if (seeds.length === 0) throw new MisuseError('options.seeds', seeds, 'one seed or more');
  for (const name of scenarios)
    if (!SUITE.some((scenario) => scenario.name === name))
      throw new MisuseError('options.scenarios', name, 'a scenario of the suite');
  for (const clause of require)
    if (!Object.hasOwn(CLAUSES, clause))
      throw new MisuseError('options.require', clause, 'a clause of the catalogue');
  if (!(typeof time === 'number' && time > 0))
    throw new MisuseError('options.time', time, 'a number of virtual nanoseconds above 0');
  checkHostTime('options.hostTime', hostTime);
  return checked;
}
