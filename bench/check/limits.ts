import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { NAMES } from './cells.ts';

/** A ratio when its limit was set, and the limit. */
interface Limit {
  readonly reached: number;
  readonly limit: number;
  /** Why it may exceed what `reached` and `ROOM` allow. */
  readonly why?: string;
}

export type Limits = Readonly<Record<string, Limit>>;

/** What a limit leaves beside what was reached. */
const ROOM = 1.08;

/** A ratio, its limit, and, of a ratio above it, what the limit's own commit reached in the same minutes. */
export interface Checked {
  readonly name: string;
  readonly measured: number | null;
  readonly limit: number | null;
  readonly base: number | null;
  readonly passes: boolean;
}

/** Faults of the limits themselves: every checked ratio has one, and a raised one has a reason. */
export function faultsOf(limits: Limits, names: readonly string[]): string[] {
  return [
    ...names.filter((name) => !(name in limits)).map((name) => `${name}: has no limit`),
    ...Object.keys(limits)
      .filter((name) => !names.includes(name))
      .map((name) => `${name}: is not measured`),
    ...Object.entries(limits)
      .filter(([, { reached, limit, why }]) => limit > rounded(reached * ROOM) && !why)
      .map(
        ([name, { reached, limit }]) => `${name}: ${limit} is more than ${reached} and 8%, without a reason`,
      ),
  ];
}

/** A ratio passes within its limit, or if the code that had this limit is no faster on this machine. */
export function check(
  name: string,
  measured: number | null,
  limits: Limits,
  base: number | null = null,
): Checked {
  const limit = limits[name]?.limit ?? null;
  const most = limit === null ? 0 : Math.max(limit, (base ?? 0) * ROOM);
  return { name, measured, limit, base, passes: measured !== null && measured <= most };
}

/** The limits after a run: lowered where it was faster, the others unchanged. */
export function lowered(
  limits: Limits,
  ratios: ReadonlyMap<string, number>,
  names: readonly string[],
): Limits {
  return Object.fromEntries(
    names.map((name) => {
      const before = limits[name];
      const measured = ratios.get(name);
      if (measured === undefined || (before !== undefined && before.limit <= rounded(measured * ROOM)))
        return [name, before!];
      return [name, { reached: rounded(measured), limit: rounded(measured * ROOM) }];
    }),
  );
}

function rounded(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}

export const LIMITS_FILE = 'bench/limits.json';

/** @throws Error if the content of a limits file is invalid. */
export function readLimits(): Limits {
  return existsSync(LIMITS_FILE) ? (JSON.parse(readFileSync(LIMITS_FILE, 'utf8')) as Limits) : {};
}

/** The lower limit of each ratio. */
export function writeLimits(ratios: ReadonlyMap<string, number>): void {
  writeFileSync(LIMITS_FILE, `${JSON.stringify(lowered(readLimits(), ratios, NAMES), null, 2)}\n`);
}

/** Faults of the file itself. */
export function limitFaults(): string[] {
  return faultsOf(readLimits(), NAMES);
}
