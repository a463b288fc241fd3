import type { DriverModel } from '../model.ts';
import type { Turn } from './course.ts';
import type { CheckedOptions } from './options.ts';
import { type ConformanceRun, play } from './play.ts';
import { SUITE } from './scenarios/index.ts';

/** Every scenario that is for such a machine, with every seed. */
export function turnsOf({ scenarios, machine, seeds }: CheckedOptions): readonly Turn[] {
  return SUITE.filter(
    ({ name, applies }) => (scenarios?.includes(name) ?? true) && (applies?.(machine) ?? true),
  ).flatMap(({ name }) => seeds.map((seed) => ({ scenario: name, seed })));
}

export function playTurn(model: DriverModel, turn: Turn, options: CheckedOptions): ConformanceRun {
  return play(model, SUITE.find(({ name }) => name === turn.scenario)!, turn.seed, options);
}
