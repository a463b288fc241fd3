import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { buildPackage, type MeasuredUnder, measured, ROOT } from '../host.ts';
import { median } from '../virtqueue/result.ts';
import { START_CELLS, type StartCell, type Turn } from './cells.ts';

export type StartResult = MeasuredUnder<StartFigures>;

/** Milliseconds of a cell's program, of its baseline, and the median of the rounds' differences. */
export interface StartFigures {
  readonly name: string;
  readonly ms: number;
  readonly baseline: number;
  readonly over: number;
}

/** Builds the package; then every program takes a turn per round, in its own process. */
export function measureStart(rounds: number, only: (name: string) => boolean): StartResult {
  buildPackage();
  const load = loadavg()[0]!;
  const cells = START_CELLS.filter(({ name }) => only(name));
  const programs = new Set(cells.flatMap(({ program, baseline }) => [baseline, program]));
  const turns = Array.from(
    { length: rounds },
    () => new Map([...programs].map((program) => [program, turn(program)])),
  );
  const figures = cells.map((cell) => figuresOf(cell, turns));
  return { ...measured(rounds, figures), load };
}

/** @param turns of each round, by program. */
export function figuresOf(cell: StartCell, turns: readonly ReadonlyMap<string, Turn>[]): StartFigures {
  const { name, program, baseline, of } = cell;
  const figures = turns.map((told) => [of(told.get(program)!), of(told.get(baseline)!)] as const);
  return {
    name,
    ms: median(figures.map(([ms]) => ms)),
    baseline: median(figures.map(([, beside]) => beside)),
    over: median(figures.map(([ms, beside]) => ms - beside)),
  };
}

function turn(program: string): Turn {
  const from = performance.now();
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const whole = performance.now() - from;
  if (status !== 0) throw new Error(`a program ended with ${status}`);
  return { whole, told: JSON.parse(stdout) };
}
