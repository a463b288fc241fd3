import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { buildPackage, type MeasuredUnder, measured, ROOT } from '../host.ts';
import { median } from '../virtqueue/result.ts';
import { SUITE_CELLS, type SuiteCell } from './cells.ts';

const MAIN = join(ROOT, 'dist/cli/main.js');

export type SuiteResult = MeasuredUnder<{
  readonly name: string;
  readonly seconds: number;
  readonly runs: number;
}>;

/** Builds the package; then each command takes a turn per round, in its own process. */
export function measureSuite(rounds: number, only: (name: string) => boolean): SuiteResult {
  const load = loadavg()[0]!;
  buildPackage();
  // Inside the package, where its own name resolves.
  const folder = mkdtempSync(join(ROOT, '.cache/suite-'));
  try {
    const cells = SUITE_CELLS.filter(({ name }) => only(name));
    const turns = Array.from({ length: rounds }, () => cells.map((cell) => turn(cell, folder)));
    const figures = cells.map(({ name }, i) => ({
      name,
      seconds: median(turns.map((round) => round[i]!.seconds)),
      runs: turns[0]![i]!.runs,
    }));
    return { ...measured(rounds, figures), load };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function turn({ argv, driver }: SuiteCell, folder: string): { seconds: number; runs: number } {
  writeFileSync(join(folder, 'driver.mjs'), driver);
  const from = performance.now();
  const { stdout, status } = spawnSync(
    process.execPath,
    [MAIN, 'conform', 'driver.mjs', '--reporter', 'json', ...argv],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const seconds = (performance.now() - from) / 1000;
  if (status === null || status > 1) throw new Error(`a command ended with ${status}`);
  const { scenarios, seeds, unplayed } = JSON.parse(stdout);
  return { seconds, runs: scenarios.length * seeds.length - unplayed.length };
}
