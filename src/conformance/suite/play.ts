import type { Nanos } from '../../core/bits.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { qemuPc } from '../../machine/qemu-pc.ts';
import type { DriverModel } from '../model.ts';
import { ModelRun } from '../model-run.ts';
import { type Verdict, verdictsOf } from '../verdict.ts';
import { setDeadline } from './deadline.ts';
import type { SuiteScenario } from './scenario.ts';
import { stageOf } from './stage.ts';

export const PROFILES = { 'gce-n1': gceN1, 'qemu-pc': qemuPc } as const;
/** The machines that a driver can be put on. */
export type ProfileName = keyof typeof PROFILES;

/** What a scenario is played on. */
interface Setting {
  readonly profile: ProfileName;
  /** Of the machine, before the scenario's. */
  readonly machine: MachineOptions;
  /** Virtual time that a driver has for a scenario. */
  readonly time: Nanos;
}

/** A driver in one scenario, with one seed. */
export interface ConformanceRun {
  readonly scenario: string;
  readonly seed: number;
  /** What it threw, or that it did nothing, would not end or was not done in time; null if all is well. */
  readonly stopped: unknown;
  /** Virtual nanoseconds that it took. */
  readonly time: Nanos;
  readonly verdicts: readonly Verdict[];
}

export function play(
  model: DriverModel,
  scenario: SuiteScenario,
  seed: number,
  setting: Setting,
): ConformanceRun {
  const { name, options, act } = scenario;
  const machine: Machine = PROFILES[setting.profile]({
    ...(options?.(setting.machine) ?? setting.machine),
    seed,
  });
  const begin = machine.now;
  setDeadline(machine, setting.time);
  const run = new ModelRun(model, machine);
  const stopped = run.stoppedIn(() => {
    const stage = stageOf(run);
    if (act !== undefined) act(stage);
    else {
      stage.start();
      stage.use();
    }
  });
  const verdicts = verdictsOf(machine.journal, {}, name);
  const time = machine.now - begin;
  machine.close();
  return { scenario: name, seed, stopped, time, verdicts };
}
