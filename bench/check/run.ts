import { loadavg } from 'node:os';
import { compared, measureJudge } from '../judge/run.ts';
import { measurePaths } from '../paths/run.ts';
import { cellName } from '../virtqueue/cells.ts';
import { measureVirtqueues } from '../virtqueue/run.ts';
import { Base, baseCommit } from './base.ts';
import { isChecked, JUDGED, NAMES, PATHS, queueName, takesPart } from './cells.ts';
import { type Checked, check, type Limits } from './limits.ts';

/** How often a ratio above its limit is measured again: another process may have run meanwhile. */
const AGAIN = 2;
/** Turns that today's code and that of the limit then take: two processes of the same code may differ by half. */
const BESIDE = 4;

export interface CheckResult {
  /** Of the limits. */
  readonly commit: string | null;
  readonly load: number;
  readonly checked: readonly Checked[];
  readonly ratios: ReadonlyMap<string, number>;
}

/**
 * Measures the chosen ratios, those above their limit again, and then those beside the code that had this limit: it is
 * slower only if its quickest process is slower than the slowest of that code.
 */
export async function measureChecked(
  rounds: number,
  limits: Limits,
  chosen: (name: string) => boolean,
): Promise<CheckResult> {
  const load = loadavg()[0]!;
  const names = NAMES.filter(chosen);
  const ratios = new Map<string, number>();
  const bases = new Map<string, number>();
  const checked = () =>
    names.map((name) => check(name, ratios.get(name) ?? null, limits, bases.get(name) ?? null));
  const missed = () => checked().flatMap(({ name, passes }) => (passes ? [] : [name]));
  const takeAll = async () => {
    for (const [name, ratio] of await measure(rounds, missed()))
      ratios.set(name, Math.min(ratio, ratios.get(name) ?? ratio));
  };
  await takeAll();
  for (let i = 0; i < AGAIN && missed().length > 0; i++) await takeAll();
  const commit = baseCommit();
  if (commit && missed().length > 0) {
    const base = new Base(commit);
    for (let i = 0; i < BESIDE && missed().length > 0; i++) {
      for (const name of missed()) {
        const ratio = base.ratioOf(name);
        if (ratio !== null) bases.set(name, Math.max(ratio, bases.get(name) ?? ratio));
      }
      if (missed().length > 0) await takeAll();
    }
    base.remove();
  }
  return { commit, load, ratios, checked: checked() };
}

async function measure(rounds: number, names: readonly string[]): Promise<[string, number][]> {
  const found: [string, number][] = [];
  const isAsked = (name: string) => names.includes(name);
  const queues = await measureVirtqueues(
    rounds,
    (cell) => isChecked(cell) && ['plain', 'wasm', 'batch'].some((build) => isAsked(queueName(cell, build))),
    takesPart,
  );
  for (const { ratioToC, build, ...cell } of queues.result.cells)
    if (ratioToC !== null)
      found.push([`${cellName({ ...cell, scenario: { name: cell.scenario } })}, ${build}`, ratioToC]);
  const judged = await measureJudge(
    rounds,
    (name) => JUDGED.includes(name) && isAsked(`judged ${name}`),
    compared,
  );
  for (const { name, ratio } of judged.cells) found.push([`judged ${name}`, ratio]);
  const paths = await measurePaths(rounds, (name) => PATHS.includes(name) && isAsked(name));
  for (const { name, quotient } of paths.cells) found.push([name, quotient]);
  return found.filter(([name]) => isAsked(name));
}
