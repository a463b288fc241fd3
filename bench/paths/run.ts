import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { median } from '../virtqueue/result.ts';
import { PATH_CELLS, type PathCell } from './cells.ts';

const OUT = '.cache/bench/peers';
const WORKER = '.cache/bench/bench/paths/worker.js';
/** Approximate nanoseconds of a turn, and warm-up turns. */
const TURN = 40e6;
const WARM_UP = 8;

export interface PathsResult {
  readonly device: string;
  readonly node: string;
  readonly rounds: number;
  readonly load: number;
  readonly cells: readonly PathFigures[];
}

/** Nanoseconds of processor time, medians of the rounds, and the median of the rounds' ratios. */
export interface PathFigures {
  readonly name: string;
  readonly ours: number;
  readonly c: number;
  readonly quotient: number;
}

/** Both take a turn per round, one after the other. */
export async function measurePaths(rounds: number, only: (name: string) => boolean): Promise<PathsResult> {
  const load = loadavg()[0]!;
  const binary = leanC();
  const figures: PathFigures[] = [];
  for (const cell of PATH_CELLS.filter(({ name }) => only(name)))
    figures.push(await measure(cell, rounds, binary));
  const device = `${cpus()[0]!.model.trim()}, ${cpus().length} CPUs`;
  return { device, node: process.version, rounds, load, cells: figures };
}

async function measure({ name }: PathCell, rounds: number, binary: string): Promise<PathFigures> {
  const ours = new Worker(process.execPath, WORKER, name);
  const c = new Worker(binary, `${OUT}/paths-c.img`);
  const repeats = { ours: await warm(name, ours), c: await warm(name, c) };
  const times: { ours: number; c: number }[] = [];
  for (let i = 0; i < rounds; i++)
    times.push({
      ours: (await ours.does(name, repeats.ours)) / repeats.ours,
      c: (await c.does(name, repeats.c)) / repeats.c,
    });
  ours.stop();
  c.stop();
  return {
    name,
    ours: median(times.map((time) => time.ours)),
    c: median(times.map((time) => time.c)),
    quotient: median(times.map((time) => time.ours / time.c)),
  };
}

/** @returns how many repetitions make a turn. */
async function warm(name: string, worker: Worker): Promise<number> {
  let repeats = 100;
  for (let i = 0; i < WARM_UP; i++)
    repeats = wholeKicks((repeats * TURN) / Math.max(await worker.does(name, repeats), 1e4));
  return repeats;
}

/** Rounds up to whole kicks, if a kick does much. */
function wholeKicks(repeats: number): number {
  const unit = repeats < 2048 ? 1 : 256;
  return Math.ceil(repeats / unit) * unit;
}

function leanC(): string {
  mkdirSync(OUT, { recursive: true });
  const binary = `${OUT}/paths-c`;
  execFileSync('gcc', ['-O3', '-o', binary, 'bench/peers/c/paths.c']);
  return binary;
}

/** A process that repeats a work on command. */
class Worker {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, ...args: readonly string[]) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** @returns nanoseconds. */
  async does(name: string, repeats: number): Promise<number> {
    this.child.stdin!.write(`${repeats} ${name}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${name} ended early`);
    return Number(value);
  }

  stop(): void {
    this.child.stdin!.end();
    this.child.unref();
  }
}
