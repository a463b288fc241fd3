import type { Driver } from '../../core/driver.ts';
import { checkModel } from '../checks.ts';
import { OutOfTimeError } from '../host/errors.ts';
import { Overrun, within } from '../host/within.ts';
import type { DriverModel } from '../model/model.ts';
import { ModelRun } from '../model/model-run.ts';
import type { OtherMachine } from '../model/other-machine.ts';
import { judgeElsewhere } from '../model/run-judge.ts';
import { fixtureOf } from '../scenarios/fixture.ts';
import { SUITE } from '../scenarios/index.ts';
import type { SuiteScenario } from '../scenarios/scenario.ts';
import { compactVerdicts } from './compact-verdicts.ts';
import type { Conformance, OtherName } from './conformance.ts';
import { Merge } from './merge.ts';
import type { ConformOptions } from './options.ts';
import { checkedOptions } from './options.ts';
import { type PlayedRun, runOf } from './play.ts';
import { programOf } from './program.ts';

/** Each access may take a tenth of a millisecond. */
const HOST_TIME = 60_000;

/** The options of a suite that is played on a machine that is not ours. */
export interface ElsewhereOptions
  extends Pick<
    ConformOptions,
    'scenarios' | 'seeds' | 'waive' | 'require' | 'rules' | 'strict' | 'today' | 'onRun'
  > {
  /** Milliseconds of the host that the driver has for a scenario. Default a minute. */
  readonly hostTime?: number;
}

/** Where a driver runs, and the name of that machine. */
interface Elsewhere {
  readonly name: OtherName;
  /** One for each run, which closes it. */
  machine(seed: number): OtherMachine;
}

/**
 * Plays those scenarios with a driver that are possible on a machine that is not ours. It is judged by what can be seen
 * of it there.
 *
 * @throws MisuseError as `conform` does.
 */
export function conformElsewhere<const D extends readonly Driver<unknown>[]>(
  model: DriverModel<D>,
  options: ElsewhereOptions,
  { name, machine }: Elsewhere,
): Conformance {
  const checked = checkModel(model);
  const whole = checkedOptions({ hostTime: HOST_TIME, ...options });
  const playable = SUITE.filter(({ elsewhere }) => elsewhere !== undefined);
  const program = programOf(checked, playable, whole);
  const merge = new Merge(checked, { ...whole, profile: name }, program);
  for (let i = merge.next(); i !== null; i = merge.next()) {
    const { scenario, seed } = program.turns[i]!;
    merge.take(
      i,
      play(checked, playable.find((one) => one.name === scenario)!, machine(seed), whole.hostTime),
    );
  }
  return merge.report();
}

function play(
  model: DriverModel,
  { name, elsewhere }: SuiteScenario,
  machine: OtherMachine,
  hostTime: number,
): PlayedRun {
  const { journal, judges, seed } = machine;
  try {
    const run = new ModelRun(model, machine, judgeElsewhere(machine));
    const [begin, first] = [machine.now, journal.mark];
    const stopped = run.stoppedIn(() => inTime(hostTime, () => elsewhere!(fixtureOf(run, (call) => call()))));
    journal.end(stopped instanceof OutOfTimeError);
    const facts = {
      scenario: name,
      seed,
      stopped,
      suspected: null,
      time: machine.now - begin,
      accesses: journal.mark - first,
    };
    return runOf(facts, compactVerdicts(journal, judges));
  } finally {
    machine.close();
  }
}

function inTime(hostTime: number, act: () => void): void {
  try {
    within(hostTime, act);
  } catch (error) {
    if (!(error instanceof Overrun)) throw error;
    throw new OutOfTimeError(`it was not done after ${hostTime / 1000} s of the host's time`);
  }
}
