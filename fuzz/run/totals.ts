import { OP_NAMES } from './op.ts';
import type { EpisodeReport } from './report.ts';

/** A failure, and how to reproduce it. */
export interface Found {
  readonly what: string;
  readonly seed: number;
  readonly episode: number;
  readonly op: number;
}

/** A slow operation, and how to reproduce it. */
interface Slowness extends Found {
  readonly ms: number;
}

const FOUND_MAX = 20;

/** The sums of all episodes. */
export class Totals {
  readonly seed: number;
  ops = 0;
  episodes = 0;
  over50 = 0;
  heap = 0;
  readonly counts = OP_NAMES.map(() => 0);
  readonly broken = new Map<string, number>();
  readonly met = new Set<string>();
  readonly slowest = new Map<string, Slowness>();
  /** One failure of each kind. */
  readonly failures = new Map<string, Found>();
  /** Operations that did not end in time. */
  readonly held: Found[] = [];

  constructor(seed: number) {
    this.seed = seed;
  }

  add(report: EpisodeReport): void {
    const { seed } = this;
    const { episode } = report;
    this.ops += report.ops;
    this.episodes++;
    this.over50 += report.over50;
    this.heap = Math.max(this.heap, report.heap ?? 0);
    for (const [code, count] of report.counts.entries()) this.counts[code]! += count;
    for (const [clause, times] of report.broken)
      this.broken.set(clause, (this.broken.get(clause) ?? 0) + times);
    for (const clause of report.met) this.met.add(clause);
    for (const { kind, ms, op } of report.slowest)
      if (ms > (this.slowest.get(kind)?.ms ?? 0))
        this.slowest.set(kind, { what: kind, ms, seed, episode, op });
    if (report.failure !== null) this.failed({ ...report.failure, seed, episode });
  }

  /** Progress, for people. */
  get line(): string {
    const worst = [...this.slowest.values()].reduce((most, { ms }) => Math.max(most, ms), 0);
    return `${this.ops} operations, ${this.episodes} episodes, worst ${worst.toFixed(0)} ms, ${this.failures.size} failures`;
  }

  failed(found: Found): void {
    const kind = withoutNumbers(found.what);
    if (this.failures.size < FOUND_MAX && !this.failures.has(kind)) this.failures.set(kind, found);
  }
}

/** The argument of `--replay`. */
export function scoreText({ seed, episode, op }: Found): string {
  return `${seed}:${episode}:${op}`;
}

/** Messages may differ in numbers. */
export function alike(one: string | undefined, other: string): boolean {
  return one !== undefined && withoutNumbers(one) === withoutNumbers(other);
}

function withoutNumbers(text: string): string {
  return text.replaceAll(/\b[0-9a-f]*\d[0-9a-f]*\b/g, '#');
}
