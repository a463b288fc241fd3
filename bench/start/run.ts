import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from '../virtqueue/result.ts';
import { buildPackage } from './build.ts';
import { START_CELLS, type StartCell, type Turn } from './cells.ts';

/** The package's folder: from there, `guestrig` resolves to the built package. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export interface StartResult {
  readonly device: string;
  readonly node: string;
  readonly rounds: number;
  /** Of the machine, before. */
  readonly load: number;
  readonly cells: readonly StartFigures[];
}

/** Milliseconds of a cell's program, of its baseline, and the median of the rounds' differences. */
export interface StartFigures {
  readonly name: string;
  readonly ms: number;
  readonly baseline: number;
  readonly over: number;
}

/** Builds the package; then every program takes a turn per round, in its own process. */
export function measureStart(rounds: number, only: (name: string) => boolean): StartResult {
  buildPackage(ROOT);
  const load = loadavg()[0]!;
  const cells = START_CELLS.filter(({ name }) => only(name));
  const programs = new Set(cells.flatMap(({ program, baseline }) => [baseline, program]));
  const turns = Array.from(
    { length: rounds },
    () => new Map([...programs].map((program) => [program, turn(program)])),
  );
  const device = `${cpus()[0]!.model.trim()}, ${cpus().length} CPUs`;
  return { device, node: process.version, rounds, load, cells: cells.map((cell) => figuresOf(cell, turns)) };
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
