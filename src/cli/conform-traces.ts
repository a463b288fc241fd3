import { accessSync, constants } from 'node:fs';
import { dirname, extname } from 'node:path';
import { lieNamed } from '../conformance/hostile/index.ts';
import { type ConformanceRun, type DriverModel, fails } from '../conformance/index.ts';
import type { CheckedOptions } from '../conformance/suite/options.ts';
import { reaching } from '../media/file-errors.ts';
import type { ClauseId } from '../rules/index.ts';
import { playAgain } from './conform-replay.ts';
import { traceTo } from './records.ts';

/** Reports file errors before the runs. @throws MisuseError if no file can be created. */
export function checkTraces(path: string): void {
  reaching('trace', path, () => accessSync(dirname(path), constants.W_OK), 'no such directory');
}

/**
 * Replays and records runs: the only run, if there was one; else the first failed run of each scenario that failed. A run
 * is the same each time.
 *
 * @returns the files.
 */
export function traceRuns(
  model: DriverModel,
  path: string,
  runs: readonly ConformanceRun[],
  options: CheckedOptions,
): string[] {
  const [only] = runs;
  if (runs.length === 1) return [traced(model, only!, path, options)];
  const failed = runs.filter((run) => failedIn(run, options));
  const firsts = failed.filter((run) => failed.find(({ scenario }) => scenario === run.scenario) === run);
  return firsts.map((run) => traced(model, run, nameFor(run, path), options));
}

/** A log has no place for what a device said in place of what it did. */
function failedIn({ scenario, stopped, verdicts }: ConformanceRun, { waive, only }: CheckedOptions): boolean {
  const counts = (clause: ClauseId) => !Object.hasOwn(waive, clause) && (only?.includes(clause) ?? true);
  if (lieNamed(scenario) !== undefined) return false;
  const isStopped = stopped !== null && !Object.hasOwn(waive, scenario);
  return isStopped || verdicts.some((verdict) => counts(verdict.clause) && fails(verdict));
}

/** `run.json` of scenario `power fails` and seed 3: `run-power-fails-seed-3.json`. */
function nameFor({ scenario, seed }: ConformanceRun, path: string): string {
  const end = extname(path);
  const name = scenario.replace(/[^a-z0-9]+/gi, '-');
  return `${path.slice(0, -end.length)}-${name}-seed-${seed}${end}`;
}

/** Of several machines the last one is recorded. */
function traced(model: DriverModel, run: ConformanceRun, path: string, options: CheckedOptions): string {
  let record: ReturnType<typeof traceTo> = null;
  try {
    playAgain(model, run, options, (machine) => {
      record?.close();
      record = traceTo(machine, path);
    });
  } finally {
    (record as ReturnType<typeof traceTo>)?.close();
  }
  return path;
}
