import type { Driver } from '../../core/driver.ts';
import { checkModel } from '../checks.ts';
import type { DriverModel } from '../model/model.ts';
import type { Conformance } from './conformance.ts';
import { Merge } from './merge.ts';
import type { ConformOptions } from './options.ts';
import { type CheckedOptions, checkedOptions } from './options.ts';
import { playTurn, programFor } from './program.ts';
import type { Turn } from './run-filter.ts';

/**
 * Puts a driver through the whole suite: each scenario on a machine of its own, with each seed. The same seeds give the
 * same report. A driver that throws, spins or takes too long is reported in `stopped`, and the suite continues, unless
 * that would take long: the runs that are left out are in `unplayed`.
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
  return conformBy(checkModel(model), checkedOptions(options));
}

/** The same, of what was checked. */
export function conformBy(model: DriverModel, options: CheckedOptions): Conformance {
  const program = programFor(model, options);
  const merge = new Merge(model, options, program);
  playAll(model, program.turns, options, merge);
  return merge.report();
}

/** Plays the turns that are worth it, one after the other. */
export function playAll(
  model: DriverModel,
  turns: readonly Turn[],
  options: CheckedOptions,
  merge: Merge,
): void {
  for (let i = merge.next(); i !== null; i = merge.next()) merge.take(i, playTurn(model, turns[i]!, options));
}
