import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { type MeasuredUnder, measured } from '../host.ts';
import { Turns } from '../turns.ts';
import { median } from '../virtqueue/result.ts';
import { PATH_CELLS, type PathCell } from './cells.ts';

const OUT = '.cache/bench/peers';
const WORKER = '.cache/bench/bench/paths/worker.js';
/** Approximate nanoseconds of a turn, and warm-up turns. */
const TURN = 40e6;
const WARM_UP = 8;

export type PathsResult = MeasuredUnder<PathFigures>;

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
  return { ...measured(rounds, figures), load };
}

async function measure({ name }: PathCell, rounds: number, binary: string): Promise<PathFigures> {
  const ours = new Turns(process.execPath, WORKER, name);
  const c = new Turns(binary, `${OUT}/paths-c.img`);
  const repeats = { ours: await warm(name, ours), c: await warm(name, c) };
  const times: { ours: number; c: number }[] = [];
  for (let i = 0; i < rounds; i++)
    times.push({
      ours: (await ours.take(`${repeats.ours} ${name}`)) / repeats.ours,
      c: (await c.take(`${repeats.c} ${name}`)) / repeats.c,
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
async function warm(name: string, worker: Turns): Promise<number> {
  let repeats = 100;
  for (let i = 0; i < WARM_UP; i++)
    repeats = wholeKicks((repeats * TURN) / Math.max(await worker.take(`${repeats} ${name}`), 1e4));
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
