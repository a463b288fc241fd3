import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { NAMES } from './cells.ts';
import { faultsOf, type Limits, lowered } from './limits.ts';

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
