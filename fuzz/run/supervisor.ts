import { Worker } from 'node:worker_threads';
import { OP_NAMES } from './op.ts';
import type { EpisodeReport, Task } from './report.ts';
import { PULSE_END, PULSE_WORDS, type Pulse } from './run.ts';
import type { Totals } from './totals.ts';

/** Interval of checking the workers. */
const LOOK_MS = 200;

export interface Limits {
  readonly operations: number;
  readonly seconds: number;
  readonly workers: number;
  /** Maximum duration of an operation: beyond it its worker is terminated. */
  readonly holdSeconds: number;
}

/** Runs workers until the goal is reached, and terminates those with an endless operation. */
export class Supervisor {
  private readonly totals: Totals;
  private readonly limits: Limits;
  private readonly crews: Crew[];

  constructor(totals: Totals, limits: Limits) {
    this.totals = totals;
    this.limits = limits;
    this.crews = Array.from({ length: limits.workers }, (_, i) => new Crew(totals, i, limits));
  }

  /** @param tell is called occasionally with progress for people. */
  async run(tell: () => void): Promise<void> {
    const end = performance.now() + this.limits.seconds * 1000;
    while (performance.now() < end && this.totals.ops < this.limits.operations) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      for (const crew of this.crews) crew.look();
      tell();
    }
    await Promise.all(this.crews.map((crew) => crew.dismiss()));
  }
}

/** A worker, and its replacements. */
class Crew {
  private readonly totals: Totals;
  private readonly limits: Limits;
  private pulse: Pulse = new Int32Array(PULSE_WORDS);
  private worker: Worker;
  private last = '';
  private since = performance.now();

  constructor(totals: Totals, index: number, limits: Limits) {
    this.totals = totals;
    this.limits = limits;
    this.worker = this.hire(index);
  }

  look(): void {
    const now = `${this.pulse[0]}:${this.pulse[1]}`;
    if (now !== this.last) {
      this.last = now;
      this.since = performance.now();
    } else if (performance.now() - this.since > this.limits.holdSeconds * 1000) this.replace();
  }

  /** Asks it to end its episode, within a time limit. */
  async dismiss(): Promise<void> {
    const over = new Promise((resolve) => this.worker.once('exit', resolve));
    Atomics.store(this.pulse, PULSE_END, 1);
    const late = setTimeout(() => this.end(), this.limits.holdSeconds * 1000);
    await over;
    clearTimeout(late);
  }

  private end(): void {
    this.worker.removeAllListeners('error');
    void this.worker.terminate();
  }

  /** An operation blocks the worker: it is recorded, and the next episode runs in another. */
  private replace(): void {
    const [episode, op, code] = this.pulse;
    const what = `${OP_NAMES[code!]} took more than ${this.limits.holdSeconds} s`;
    this.totals.held.push({ what, seed: this.totals.seed, episode: episode!, op: op! });
    this.end();
    this.worker = this.hire(episode! + this.limits.workers);
  }

  private hire(first: number): Worker {
    const shared = new SharedArrayBuffer(PULSE_WORDS * 4);
    const { seed } = this.totals;
    const workerData: Task = { seed, first, step: this.limits.workers, pulse: shared };
    this.pulse = new Int32Array(shared);
    this.since = performance.now();
    // Compiled or not, like this file.
    const url = new URL(`worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
    const worker = new Worker(url, { workerData });
    worker.on('message', (report: EpisodeReport) => this.totals.add(report));
    worker.on('error', (error) => {
      const [episode, op] = this.pulse;
      this.totals.failed({
        what: `the process would have ended: ${error.message}`,
        seed,
        episode: episode!,
        op: op!,
      });
      this.worker = this.hire(episode! + this.limits.workers);
    });
    return worker;
  }
}
