import type { Nanos } from '../../core/bits.ts';
import { checkFunction, checkList, checkObject } from '../../core/checks.ts';
import type { Driver } from '../../core/driver.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { CLAUSES, type ClauseId } from '../../rules/index.ts';
import { checkModel } from '../checks.ts';
import type { DriverModel } from '../model.ts';
import { checkWaivers, type Waivers } from '../verdict.ts';
import { type Conformance, isFailure, verdictsOfRuns } from './conformance.ts';
import { type ConformanceRun, PROFILES, type ProfileName, play } from './play.ts';
import { SUITE } from './scenarios/index.ts';
import { skippedFor } from './skipped.ts';

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
  /** Called after each run, with how many are done and how many there are. */
  readonly onRun?: (run: ConformanceRun, done: number, all: number) => void;
}

/**
 * Puts a driver through the whole suite: each scenario on a machine of its own, with each seed. The same seeds give the
 * same report. A driver that throws, spins or takes too long is told of in `stopped`, and the suite goes on.
 *
 * @example
 * const report = conform({ name: 'mine', drivers: [myNic], run: (_port, [nic]) => nic.send(frame) }, { seeds: [1, 2, 3] });
 * report.conforms;
 * report.verdicts.filter(({ outcome }) => outcome === 'fail');
 * report.verdicts.find(({ clause }) => clause === 'virtio/RESET-D1')!.scenario;
 *
 * @throws MisuseError for a scenario, a clause or a profile that does not exist, and for a model or an option of another type.
 */
export function conform<const D extends readonly Driver<unknown>[]>(
  model: DriverModel<D>,
  options: ConformOptions = {},
): Conformance {
  const checked = checkModel(model);
  checkOptions(options);
  const {
    profile = 'gce-n1',
    machine = {},
    seeds = [1],
    waive = {},
    require = [],
    time = TEN_SECONDS,
  } = options;
  const chosen = SUITE.filter(
    ({ name, applies }) => (options.scenarios?.includes(name) ?? true) && (applies?.(machine) ?? true),
  );
  const skipped = chosen.flatMap((scenario) => skippedFor(scenario, checked));
  const played = chosen.filter(({ name }) => !skipped.some(({ scenario }) => scenario === name));
  const turns = played.flatMap((scenario) =>
    (scenario.once ? seeds.slice(0, 1) : seeds).map((seed) => ({ scenario, seed })),
  );
  const runs = turns.map(({ scenario, seed }, i) => {
    const run = play(checked, scenario, seed, { profile, machine, time });
    options.onRun?.(run, i + 1, turns.length);
    return run;
  });
  const verdicts = verdictsOfRuns(runs, { waive, require });
  const stopped = runs.filter((run) => run.stopped !== null);
  const conforms = stopped.length === 0 && !verdicts.some(isFailure);
  return { model: model.name, profile, seeds, runs, verdicts, stopped, skipped, conforms };
}

function checkOptions(options: ConformOptions): void {
  checkObject('options', options);
  const { profile, seeds = [1], scenarios = [], require = [], time = TEN_SECONDS } = options;
  checkWaivers(options.waive);
  if (options.onRun !== undefined) checkFunction('options.onRun', options.onRun);
  if (profile !== undefined && !Object.hasOwn(PROFILES, profile))
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
}
