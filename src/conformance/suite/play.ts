import type { Nanos } from '../../core/bits.ts';
import { forOneRun } from '../../machine/computer.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ProfileName } from '../../machine/profile.ts';
import { PROFILES } from '../../machine/profiles.ts';
import { suspectedIn } from '../../rules/suspected.ts';
import { attempt, outcomeOf } from '../host/attempt.ts';
import { OutOfTimeError } from '../host/errors.ts';
import type { DriverModel } from '../model/model.ts';
import type { ModelRun } from '../model/model-run.ts';
import { fixtureOf, type Theirs } from '../scenarios/fixture.ts';
import { type SuiteScenario, startAndUse } from '../scenarios/scenario.ts';
import type { Verdict } from '../verdict.ts';
import { type CompactVerdicts, compactVerdicts, verdictsOn } from './compact-verdicts.ts';

/** The machine and limits of a scenario. */
interface Setting {
  readonly profile: ProfileName;
  /** Options of the machine, below the scenario's. */
  readonly machine: MachineOptions;
  /** Virtual time that a driver has for a scenario. */
  readonly time: Nanos;
  /** Milliseconds of the host that it may spend without an access. */
  readonly hostTime: number;
}

/** A driver in one scenario, with one seed. */
export interface ConformanceRun {
  readonly scenario: string;
  readonly seed: number;
  /** Its error, or that it did nothing, would not end or was not done in time; null if all is well. */
  readonly stopped: unknown;
  /** The clause that it may have stopped by, from what a device saw last: `virtio/VQ-AVSUP-D4: net0: …`; null for none. */
  readonly suspected: string | null;
  /** Virtual nanoseconds that it took. */
  readonly time: Nanos;
  /** How many accesses it made, those to rings that are watched included. */
  readonly accesses: number;
  /** Of every clause; made when they are asked for. */
  readonly verdicts: readonly Verdict[];
}

/** With the data of its verdicts, which is not shown to people: it is not enumerable. */
export interface PlayedRun extends ConformanceRun {
  readonly compact: CompactVerdicts;
}

export function runOf(facts: Omit<ConformanceRun, 'verdicts'>, compact: CompactVerdicts): PlayedRun {
  const run: ConformanceRun = {
    ...facts,
    get verdicts() {
      return verdictsOn(compact, facts.scenario);
    },
  };
  return Object.defineProperty(run, 'compact', { value: compact }) as PlayedRun;
}

export function play(model: DriverModel, scenario: SuiteScenario, seed: number, setting: Setting): PlayedRun {
  const { name, options, times = 1 } = scenario;
  const { time } = setting;
  const { compact, ...facts } = outcomeOf(setting.hostTime, (effort) => {
    const { machine, spent } = begun(
      { ...setting, time: time * times },
      seed,
      options?.(setting.machine) ?? setting.machine,
    );
    const played = attempt(
      machine,
      model,
      effort,
      (run, theirs) => act(scenario, run, theirs),
      (_run, stopped) => {
        const suspected = stopped === null ? null : suspectedIn(machine.journal);
        const compact = compactVerdicts(machine.journal);
        return { compact, scenario: name, seed, stopped, suspected, ...spent() };
      },
    );
    // A device that was stopped in the middle of an operation reported none of it.
    if (played.cut === null && played.outcome().stopped === null) machine.chassis.giveBackRam();
    return played;
  });
  return runOf(facts, compact);
}

function act({ act = startAndUse }: SuiteScenario, run: ModelRun, theirs: Theirs): void {
  act(fixtureOf(run, theirs));
}

/** A machine for one attempt, and what a driver has taken of it so far. */
export function begun(
  { profile, time: limit }: Pick<Setting, 'profile' | 'time'>,
  seed: number,
  options: MachineOptions,
) {
  const machine = forOneRun(PROFILES[profile], { ...options, seed });
  const [begin, first] = [machine.now, machine.journal.mark];
  setDeadline(machine, limit);
  return { machine, spent: () => ({ time: machine.now - begin, accesses: machine.journal.mark - first }) };
}

/** From now on the machine's guest has this much virtual time: each access after that throws OutOfTimeError. */
function setDeadline({ chassis }: Machine, time: Nanos): void {
  const { clock } = chassis.board;
  let late: OutOfTimeError | null = null;
  const timer = clock.timer('deadline', () => {
    // One for all: a handler that loops makes a million accesses before it is ended, and each fires this timer.
    late ??= new OutOfTimeError(`not done after ${time / 1e9} s of virtual time`);
    clock.userCalls.keep(late);
    timer.arm(1);
  });
  timer.arm(time);
}
