import type { Machine } from '../../machine/machine.ts';
import { type Judgement, judge } from '../judge.ts';
import type { DriverModel } from '../model.ts';
import { referenceModel } from '../reference.ts';

/** The situation of a driver: a machine, and the actions at its other end. */
export interface Scenario {
  /** Ends the sentence "the driver meets …". */
  readonly name: string;
  readonly machine: () => Machine;
  /** `use` uses the model's drivers, as often as it is called. Left out, it is called once. */
  readonly act?: (machine: Machine, use: () => void) => void;
  /** The model to run. Left out, the reference drivers. */
  readonly model?: () => DriverModel;
}

/** The result of the reference drivers. */
export function play({ name, machine, act, model = referenceModel }: Scenario): Judgement {
  return judge(model(), { machine, scenario: name, ...(act !== undefined && { act }) });
}
