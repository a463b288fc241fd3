import type { Machine } from '../../machine/machine.ts';
import { type Judgement, judge } from '../judge.ts';
import type { DriverModel } from '../model.ts';
import { referenceModel } from '../reference.ts';

/** What a driver is put through: a machine, and what happens at its other end. */
export interface Scenario {
  /** Ends the sentence "the driver meets …". */
  readonly name: string;
  readonly machine: () => Machine;
  /** `use` uses the model's drivers, as often as it is called. Left out, it is called once. */
  readonly act?: (machine: Machine, use: () => void) => void;
  /** Who is put through it. Left out, the reference drivers. */
  readonly model?: () => DriverModel;
}

/** What the reference drivers make of it. */
export function play({ name, machine, act, model = referenceModel }: Scenario): Judgement {
  return judge(model(), { machine, scenario: name, ...(act !== undefined && { act }) });
}
