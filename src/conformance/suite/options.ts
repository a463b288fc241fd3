import type { Nanos } from '../../core/bits.ts';
import { checkFunction, checkList, checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ProfileName } from '../../machine/profile.ts';
import { PROFILE_NAMES, PROFILES } from '../../machine/profiles.ts';
import { ALL_IDS, CLAUSE_IDS, type ClauseId } from '../../rules/index.ts';
import { hasClause } from '../../rules/sets.ts';
import { CONFORM_OPTIONS, checkHostTime, checkNames } from '../checks.ts';
import { HOST_TIME } from '../host/attempt.ts';
import { LIES } from '../hostile/index.ts';
import { SUITE } from '../scenarios/index.ts';
import { type NameOptions, NameReader, type SuiteWaivers, type Waiver } from '../waivers.ts';
import { knownIn } from './baseline.ts';
import type { Conformance } from './conformance.ts';
import type { ConformanceRun } from './play.ts';

const TEN_SECONDS: Nanos = 10_000_000_000;

const NAMES: Required<{ readonly [Name in keyof ConformOptions]: true }> = CONFORM_OPTIONS;

const DEFAULTS = {
  profile: 'gce-n1',
  machine: {},
  seeds: [1],
  waive: {},
  baseline: { known: [] },
  require: [],
  time: TEN_SECONDS,
  hostTime: HOST_TIME,
  hostile: false,
} as const satisfies ConformOptions;

/** With defaults for what was left out. */
export interface CheckedOptions
  extends Required<
      Omit<
        ConformOptions,
        'onRun' | 'scenarios' | 'shard' | 'only' | 'baseline' | keyof NameOptions | keyof Named
      >
    >,
    Pick<ConformOptions, 'onRun' | 'scenarios' | 'shard'>,
    Named {
  /** Those that are judged. */
  readonly only: readonly ClauseId[];
}

/** What came of names that the user gave. */
interface Named extends Pick<Conformance, 'rules' | 'warnings'> {
  readonly waive: readonly Waiver[];
  readonly known: readonly Waiver[];
  readonly require: readonly ClauseId[];
}

/** @throws MisuseError for unknown names, and for values of the wrong type. */
export function checkedOptions(
  options: ConformOptions,
  names: NameReader = namesFor(options),
): CheckedOptions {
  checkObject('options', options);
  checkNames(options, Object.keys(NAMES));
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  const given: Given = { ...DEFAULTS, ...Object.fromEntries(said) };
  const { baseline, strict: _strict, today: _today, ...rest } = given;
  checkValues(given);
  const all = (given.hostile ? ALL_IDS : CLAUSE_IDS).filter((clause) => hasClause(names.rules, clause));
  return {
    ...rest,
    rules: names.rules,
    only: options.only === undefined ? all : names.clausesBelow('options.only', options.only, all),
    waive: names.waivers('waive', given.waive),
    known: knownIn(baseline, names),
    require: given.require.flatMap((clause) => names.clause('options.require', clause) ?? []),
    warnings: names.warnings,
  };
}

/** Reads the names of clauses and scenarios of these options. */
export function namesFor(options: ConformOptions): NameReader {
  checkObject('options', options);
  return new NameReader(
    options,
    SUITE.map(({ name }) => name),
  );
}

type Given = ConformOptions & Required<Pick<ConformOptions, keyof typeof DEFAULTS>>;

function checkValues({
  profile,
  seeds,
  scenarios = [],
  shard,
  require,
  time,
  hostTime,
  hostile,
  onRun,
}: Given): void {
  if (onRun !== undefined) checkFunction('options.onRun', onRun);
  if (!Object.hasOwn(PROFILES, profile))
    throw new MisuseError('options.profile', profile, `one of ${PROFILE_NAMES.join(', ')}`);
  checkList('options.seeds', seeds);
  checkList('options.scenarios', scenarios);
  checkList('options.require', require);
  if (shard !== undefined) checkShard('options.shard', shard);
  // A clause that nothing reaches in one part may be reached in another.
  if (shard !== undefined && require.length > 0)
    throw new MisuseError(
      'options.require',
      require,
      '',
      'must not be used with shard: another part may reach it',
    );
  if (seeds.length === 0) throw new MisuseError('options.seeds', seeds, 'a list of at least one seed');
  for (const name of scenarios)
    if (![...SUITE, ...LIES].some((scenario) => scenario.name === name))
      throw new MisuseError('options.scenarios', name, 'a scenario of the suite');
  if (!(typeof time === 'number' && time > 0))
    throw new MisuseError('options.time', time, 'a number of virtual nanoseconds above 0');
  checkHostTime('options.hostTime', hostTime);
  if (typeof hostile !== 'boolean') throw new MisuseError('options.hostile', hostile, 'true or false');
}

/** @returns it, if it is a part of several, as `1/2`. */
export function checkShard(path: string, shard: unknown): string {
  const [, part, parts] = /^(\d{1,4})\/(\d{1,4})$/.exec(String(shard)) ?? [];
  if (typeof shard !== 'string' || !(Number(part) >= 1 && Number(part) <= Number(parts)))
    throw new MisuseError(path, shard, 'a part of the scenarios (example 1/2)');
  return shard;
}

/** What is known to be wrong with a driver: the contents of the command line's `--baseline`. */
export interface Baseline {
  readonly known: readonly Waiver[];
}

/** The machines, scenarios and limits for a driver, and its waivers. */
export interface ConformOptions extends NameOptions {
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
  /** Clauses that the driver may break, and scenarios that it need not finish: each with the reason, or a list that says more. */
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
