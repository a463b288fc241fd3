import { accessSync, constants } from 'node:fs';
import { dirname, extname } from 'node:path';
import { lieNamed } from '../conformance/hostile/index.ts';
import { type ConformanceRun, type DriverModel, fails } from '../conformance/index.ts';
import type { CheckedOptions } from '../conformance/suite/options.ts';
import { playTurn } from '../conformance/suite/program.ts';
import { covers } from '../conformance/waivers.ts';
import type { AccessRecord } from '../core/access.ts';
import type { Machine } from '../machine/machine.ts';
import { onMade } from '../machine/on-made.ts';
import { quoted, reaching } from '../media/file-errors.ts';
import type { Beside } from '../report/html-beside.ts';
import type { Run } from '../report/report.ts';
import { traceTo } from './records.ts';

type Turn = Pick<ConformanceRun, 'scenario' | 'seed'>;

/** Accesses of a run that a page shows. */
const SHOWN = 64;

/** Plays a run once more, which is the same. A driver that did not return is played on several machines. */
function playAgain(
  model: DriverModel,
  { scenario, seed }: Turn,
  options: CheckedOptions,
  made: (machine: Machine) => void,
): void {
  const { tell } = onMade;
  onMade.tell = made;
  try {
    playTurn(model, { scenario, seed }, options);
  } finally {
    onMade.tell = tell;
  }
}

/** The last accesses of runs, which are played once more when they are asked for, each once. */
export function lastAccessesOf(model: DriverModel, options: CheckedOptions): Beside['lastAccesses'] {
  const played = new Map<string, ReadonlyMap<string | null, readonly AccessRecord[]>>();
  return (run, clause) => {
    const key = `${run.seed} ${run.scenario}`;
    const accesses = played.get(key) ?? accessesIn(model, run, options);
    played.set(key, accesses);
    return accesses.get(clause) ?? accesses.get(null)!;
  };
}

/** Up to the first finding of each clause; of null, up to the end. */
function accessesIn(
  model: DriverModel,
  run: Run,
  options: CheckedOptions,
): ReadonlyMap<string | null, readonly AccessRecord[]> {
  const accesses = new Map<string | null, readonly AccessRecord[]>();
  let atEnd = (): readonly AccessRecord[] => [];
  playAgain(model, run, options, ({ events, journal: { trail } }) => {
    accesses.clear();
    atEnd = () => trail.newest(SHOWN);
    events.on('finding', ({ clause }) => {
      if (!accesses.has(clause)) accesses.set(clause, trail.newest(SHOWN));
    });
  });
  return accesses.set(null, atEnd());
}

/** The command that plays one run. */
export function commandFor(argv: readonly string[], { scenario, seed }: Run): string {
  return ['guestrig', 'conform', ...argv, '--scenario', scenario, '--seed', String(seed)]
    .map(quoted)
    .join(' ');
}

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
  if (lieNamed(scenario) !== undefined) return false;
  if (stopped !== null && !waive.some((waiver) => waiver.stopped === scenario)) return true;
  const broken = verdicts.filter((verdict) => fails(verdict) && only.includes(verdict.clause));
  return broken
    .flatMap(({ findings }) => findings)
    .some((finding) => !waive.some((waiver) => covers(waiver, finding, scenario)));
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
