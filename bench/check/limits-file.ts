import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { NAMES } from './cells.ts';
import { faultsOf, type Limits, lowered } from './limits.ts';

const FILE = 'bench/limits.json';

/** @throws Error where the file does not hold what a file of limits must. */
export function readLimits(): Limits {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Limits) : {};
}

/** Of each ratio the lower of the two. */
export function writeLimits(ratios: ReadonlyMap<string, number>): void {
  writeFileSync(FILE, `${JSON.stringify(lowered(readLimits(), ratios, NAMES), null, 2)}\n`);
}

/** What is wrong with the file itself. */
export function limitFaults(): string[] {
  return faultsOf(readLimits(), NAMES);
}
