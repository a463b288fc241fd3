import type { Driver } from '../../core/driver.ts';
import { checkModel } from '../checks.ts';
import type { DriverModel } from '../model.ts';
import type { Conformance } from './conformance.ts';
import { Course, type Turn } from './course.ts';
import { type CheckedOptions, type ConformOptions, checkedOptions } from './options.ts';
import { type ConformanceRun, play } from './play.ts';
import { reportOf } from './report-of.ts';
import type { SuiteScenario } from './scenario.ts';
import { SUITE } from './scenarios/index.ts';
import { skippedFor } from './skipped.ts';

/**
 * Puts a driver through the whole suite: each scenario on a machine of its own, with each seed. The same seeds give the
 * same report. A driver that throws, spins or takes too long is told of in `stopped`, and the suite goes on. It does not go
 * on where that would take long: what is left out then stands in `unplayed`.
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
  const whole = checkedOptions(options);
  const scenarios = scenariosFor(whole);
  const skipped = scenarios.flatMap((scenario) => skippedFor(scenario, checked));
  const turns = turnsOf(
    scenarios.filter(({ name }) => !skipped.some(({ scenario }) => scenario === name)),
    whole.seeds,
  );
  const course = new Course();
  const runs: ConformanceRun[] = [];
  const unplayed: Turn[] = [];
  for (const { scenario, seed } of turns) {
    const turn = { scenario: scenario.name, seed };
    if (course.skips(turn)) unplayed.push(turn);
    else {
      const run = play(checked, scenario, seed, whole);
      course.note(run);
      runs.push(run);
      whole.onRun?.(run, runs.length + unplayed.length, turns.length);
    }
  }
  return reportOf(model.name, whole, { runs, unplayed, skipped });
}

/** Those that say anything of such a machine. */
function scenariosFor({ scenarios, machine }: CheckedOptions): SuiteScenario[] {
  return SUITE.filter(
    ({ name, applies }) => (scenarios?.includes(name) ?? true) && (applies?.(machine) ?? true),
  );
}

function turnsOf(
  scenarios: readonly SuiteScenario[],
  seeds: readonly number[],
): { scenario: SuiteScenario; seed: number }[] {
  return scenarios.flatMap((scenario) =>
    (scenario.once ? seeds.slice(0, 1) : seeds).map((seed) => ({ scenario, seed })),
  );
}
