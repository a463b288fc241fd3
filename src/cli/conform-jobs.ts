import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { type DriverModel, HostTimeError } from '../conformance/index.ts';
import type { Conformance } from '../conformance/suite/conformance.ts';
import { Merge } from '../conformance/suite/merge.ts';
import type { CheckedOptions } from '../conformance/suite/options.ts';
import type { PlayedRun } from '../conformance/suite/play.ts';
import { type Program, playTurn } from '../conformance/suite/program.ts';
import type { Turn } from '../conformance/suite/run-filter.ts';
import { type RunMessage, received } from '../conformance/suite/run-message.ts';
import { MisuseError } from '../core/misuse.ts';

/** The start data of a job. */
export interface JobData {
  /** The driver's module, which each loads for itself. */
  readonly file: string;
  readonly options: CheckedOptions;
}

/** A turn that was played, or the caller's mistake. */
export interface Answer {
  readonly number: number;
  readonly crossing?: RunMessage;
  readonly misuse?: { readonly path: string; readonly message: string };
}

/** Starting a thread takes as long as this many runs. */
const RUNS_PER_JOB = 40;
/** Turns queued for a thread: it plays the next while an answer is on its way. */
const AHEAD = 2;
/**
 * The engine compiles and collects garbage on threads of its own, for each of our threads. If ours use every processor,
 * that is no gain: so each thread collects alone, and compiles only code that is four times as hot as by default.
 */
const ENGINE = ['--no-parallel-scavenge', `--interrupt-budget=${4 * 132 * 1024}`];
/** The job's source: beside this file, and beside its build output. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const JOB = new URL(`../cli/conform-worker.${IS_SOURCE ? 'ts' : 'js'}`, import.meta.url);

/** As many as there are processors, and no more than are worth it. */
export function jobsFor({ turns }: Program): number {
  return Math.min(availableParallelism(), Math.floor(turns.length / RUNS_PER_JOB));
}

/** Plays the suite in several threads. The report is the same as from one thread. */
export async function conformInJobs(
  model: DriverModel,
  file: string,
  program: Program,
  { onRun, ...options }: CheckedOptions,
  jobs: number,
): Promise<Conformance> {
  for (const flag of ENGINE) setFlagsFromString(flag);
  const { turns } = program;
  // The function in which a driver does not return can be seen on the main thread alone.
  const told = (run: PlayedRun, turn: Turn) =>
    run.stopped instanceof HostTimeError ? playTurn(model, turn, options) : run;
  const merge = new Merge(model.name, onRun === undefined ? options : { ...options, onRun }, program);
  const workers = Array.from({ length: Math.min(jobs, turns.length) }, () => begun({ file, options }));
  try {
    await new Promise<void>((resolve, reject) => {
      for (const worker of workers) playAll(worker, merge, turns, { told, resolve, reject });
      if (merge.isDone) resolve();
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return merge.report();
}

function begun(workerData: JobData): Worker {
  return IS_SOURCE ? new Worker(fromSource(), { workerData, eval: true }) : new Worker(JOB, { workerData });
}

/** A program that reads our sources. */
function fromSource(): string {
  const { resolve } = createRequire(import.meta.url);
  const tsx = pathToFileURL(resolve('tsx/esm/api').replace(/cjs$/, 'mjs')).href;
  return `import('${tsx}').then(({ register }) => {
    register();
    return import('${JOB.href}');
  });`;
}

/** Receives the runs of all threads, and ends the suite. */
interface End {
  /** A run, ready for the report. */
  told(run: PlayedRun, turn: Turn): PlayedRun;
  /** No further turn is worth playing; a thread may still be busy. */
  resolve(): void;
  reject(error: unknown): void;
}

/** Gives one turn after the other to a thread, until there are none. */
function playAll(worker: Worker, merge: Merge, turns: readonly Turn[], { told, resolve, reject }: End): void {
  const give = () => {
    const number = merge.next();
    if (number !== null) worker.postMessage({ number, turn: turns[number]! });
  };
  worker.on('error', (error) => reject(thrown(error)));
  worker.on('exit', () => reject(new MisuseError('driver', '', '', 'ended the thread that it ran in')));
  worker.on('message', ({ number, crossing, misuse }: Answer) => {
    if (misuse !== undefined) return reject(misuseOf(misuse));
    merge.take(number, told(received(crossing!), turns[number]!));
    if (merge.isDone) resolve();
    else give();
  });
  for (let i = 0; i < AHEAD; i++) give();
}

/** An error from a thread has lost its class. */
function thrown(error: Error & { readonly path?: unknown }): Error {
  const { name, message, path } = error;
  return name === MisuseError.name && typeof path === 'string' ? misuseOf({ path, message }) : error;
}

function misuseOf({ path, message }: NonNullable<Answer['misuse']>): MisuseError {
  return new MisuseError(path, '', '', message.slice(`${path}: `.length));
}
