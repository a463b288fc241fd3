import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { HostTimeError } from '../conformance/host/errors.ts';
import type { DriverModel } from '../conformance/model/model.ts';
import type { Conformance } from '../conformance/suite/conformance.ts';
import { Merge } from '../conformance/suite/merge.ts';
import type { CheckedOptions } from '../conformance/suite/options.ts';
import type { PlayedRun } from '../conformance/suite/play.ts';
import { type Program, playTurn } from '../conformance/suite/program.ts';
import type { Turn } from '../conformance/suite/run-filter.ts';
import { type RunMessage, received } from '../conformance/suite/run-message.ts';
import { MisuseError, misuseOf } from '../core/misuse.ts';

/** The start data of a job. */
export interface JobData {
  /** The driver's module, which each loads for itself. */
  readonly file: string;
  readonly options: Omit<CheckedOptions, 'onRun'>;
}

/** A turn that was played, or the caller's mistake. */
export interface Answer {
  readonly number: number;
  readonly run?: RunMessage;
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

/** The job's source, and its build output, which lies in another folder than the bundle of this file. */
const IS_SOURCE = import.meta.url.endsWith('.ts');

const JOB = new URL(`../drivers/job.${IS_SOURCE ? 'ts' : 'js'}`, import.meta.url);

/** As many as there are processors, and no more than are worth it. */
export function jobsFor({ turns }: Program): number {
  return Math.min(availableParallelism(), Math.floor(turns.length / RUNS_PER_JOB));
}

/** Plays the suite in several threads. The report is the same as from one thread. */
export async function conformInJobs(
  model: DriverModel,
  file: string,
  program: Program,
  options: CheckedOptions,
  jobs: number,
): Promise<Conformance> {
  const merge = new Merge(model, options, program);
  const threads = new Threads(model, file, options, Math.min(jobs, program.turns.length));
  try {
    await threads.play(program.turns, merge);
  } finally {
    await threads.close();
  }
  return merge.report();
}

/**
 * Threads that play turns, each with a driver of its own.
 *
 * @example
 * const threads = new Threads(model, 'nic.js', options, 2);
 * await threads.play(turns, merge);
 * await threads.close();
 */
export class Threads {
  private readonly model: DriverModel;
  private readonly options: Omit<CheckedOptions, 'onRun'>;
  private readonly workers: Worker[];
  /** The number of the first turn of this call: a late answer to one before has a smaller number. */
  private base = 0;

  /** @param file the driver's module, which exports `model`. */
  constructor(model: DriverModel, file: string, { onRun: _, ...options }: CheckedOptions, jobs: number) {
    for (const flag of ENGINE) setFlagsFromString(flag);
    this.model = model;
    this.options = options;
    this.workers = Array.from({ length: jobs }, () => begun({ file, options }));
  }

  async play(turns: readonly Turn[], merge: Merge): Promise<void> {
    const { base, workers } = this;
    try {
      await new Promise<void>((resolve, reject) => {
        const end = { told: (run: PlayedRun, turn: Turn) => this.told(run, turn), resolve, reject };
        for (const worker of workers) playAll(worker, merge, { turns, base }, end);
        if (merge.isDone) resolve();
      });
    } finally {
      this.base += turns.length;
      for (const worker of workers) worker.removeAllListeners();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.on('error', ignored).terminate()));
  }

  /** The function in which a driver does not return can be seen on the main thread alone. */
  private told(run: PlayedRun, turn: Turn): PlayedRun {
    return run.stopped instanceof HostTimeError ? playTurn(this.model, turn, this.options) : run;
  }
}

/** Another thread failed first. An error that no listener takes would end the process. */
function ignored(): void {}

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

/** The turns of one call, and the number of the first. */
interface Batch {
  readonly turns: readonly Turn[];
  readonly base: number;
}

/** Gives one turn after the other to a thread, until there are none. */
function playAll(worker: Worker, merge: Merge, { turns, base }: Batch, { told, resolve, reject }: End): void {
  const give = () => {
    const next = merge.next();
    if (next !== null) worker.postMessage({ number: base + next, turn: turns[next]! });
  };
  worker.on('error', (error) => reject(thrown(error)));
  worker.on('exit', () => reject(new MisuseError('driver', '', '', 'ended the thread that it ran in')));
  worker.on('message', ({ number, run, misuse }: Answer) => {
    if (number < base) return;
    if (misuse !== undefined) return reject(misuseOf(misuse));
    merge.take(number - base, told(received(run!), turns[number - base]!));
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
