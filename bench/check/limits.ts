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

/** The variation between machines and days is less. */
const ROOM = 1.08;

/** A ratio and its limit. */
export interface Checked {
  readonly name: string;
  readonly measured: number | null;
  readonly limit: number | null;
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

export function check(name: string, measured: number | null, limits: Limits): Checked {
  const limit = limits[name]?.limit ?? null;
  return { name, measured, limit, passes: measured !== null && limit !== null && measured <= limit };
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

const FILE = 'bench/limits.json';

/** @throws Error if the content of a limits file is invalid. */
export function readLimits(): Limits {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Limits) : {};
}

/** The lower limit of each ratio. */
export function writeLimits(ratios: ReadonlyMap<string, number>): void {
  writeFileSync(FILE, `${JSON.stringify(lowered(readLimits(), ratios, NAMES), null, 2)}\n`);
}

/** Faults of the file itself. */
export function limitFaults(): string[] {
  return faultsOf(readLimits(), NAMES);
}
