import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HOSTILE_CELLS, type HostileCell } from './cells.ts';
import type { HostileFigures } from './worker.ts';

/** An access that takes longer counts as endless. */
const LIMIT_MS = 60_000;

export interface HostileResult {
  readonly cell: HostileCell;
  /** Null if the process ended, or was killed. */
  readonly figures: HostileFigures | null;
  readonly end: string;
}

/** Runs each access in its own process. */
export function measureHostile(only: (name: string) => boolean): HostileResult[] {
  return HOSTILE_CELLS.filter(({ name }) => only(name)).map(measure);
}

function measure(cell: HostileCell): HostileResult {
  const worker = fileURLToPath(new URL('worker.js', import.meta.url));
  const { stdout, signal, status } = spawnSync(process.execPath, [worker, cell.name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: LIMIT_MS,
  });
  const figures = status === 0 ? (JSON.parse(stdout) as HostileFigures) : null;
  return { cell, figures, end: signal === 'SIGTERM' ? 'never ends' : 'ends the process' };
}

/** The rows of the result, beginning with the header. */
export function hostileRows(results: readonly HostileResult[]): string[][] {
  return [['', 'access, ms', 'later, ms', 'points', 'MiB', 'must, ms', 'so'], ...results.map(row)];
}

function row({ cell, figures, end }: HostileResult): string[] {
  const { name, must } = cell;
  if (figures === null) return [name, '–', '–', '–', '–', `≤ ${must}`, end];
  const { access, longest, points, mib } = figures;
  const ms = [access, longest].map((each) => each.toFixed(1));
  return [
    name,
    ...ms,
    `${points}`,
    mib.toFixed(0),
    `≤ ${must}`,
    Math.max(access, longest) <= must ? 'holds' : 'missed',
  ];
}
