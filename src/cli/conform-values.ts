import { LIES } from '../conformance/hostile/index.ts';
import { SUITE } from '../conformance/index.ts';
import { MisuseError } from '../core/misuse.ts';
import { nearest } from '../core/nearest.ts';
import { ALL_IDS, type ClauseId } from '../rules/index.ts';
import { seed, waiverOf } from './option-values.ts';

/** More threads would only wait for each other. */
const JOBS_MAX = 256;
/** An hour. */
const MILLISECONDS_MAX = 3_600_000;
/** More would take hours. */
const SEEDS_MAX = 10_000;

/** `7`, or `1-50`. */
export function seeds(name: string, value: string): readonly number[] {
  const [first, last, ...rest] = value.split('-');
  if (last === undefined || first === '' || rest.length > 0) return [seed(name, value)];
  const [from, to] = [seed(name, first!), seed(name, last)];
  if (to < from || to - from >= SEEDS_MAX)
    throw new MisuseError(name, value, `a seed, or up to ${SEEDS_MAX} of them upwards (example 1-50)`);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

export function jobs(name: string, value: string): number {
  return whole(name, value, JOBS_MAX);
}

export function milliseconds(name: string, value: string): number {
  return whole(name, value, MILLISECONDS_MAX);
}

function whole(name: string, value: string, most: number): number {
  if (!/^\d+$/.test(value) || !(Number(value) >= 1 && Number(value) <= most))
    throw new MisuseError(name, value, `a whole number from 1 to ${most}`);
  return Number(value);
}

/** The scenario of that name, or else those whose names contain it. */
export function scenarios(name: string, value: string): readonly string[] {
  const names = [...SUITE, ...LIES].map((scenario) => scenario.name);
  if (names.includes(value)) return [value];
  const found = names.filter((one) => one.toLowerCase().includes(value.toLowerCase()));
  if (value === '' || found.length === 0)
    throw new MisuseError(name, value, 'a scenario: guestrig help conform lists them');
  return found;
}

export function clause(name: string, value: string): ClauseId {
  const found = ALL_IDS.find((id) => id.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw noClause(name, value);
  return found;
}

/** A clause that may be broken, or a scenario that need not be finished, and the reason. */
export function suiteWaiver(name: string, value: string): readonly [name: string, reason: string] {
  return waiverOf<string>([...ALL_IDS, ...SUITE.map((scenario) => scenario.name)], name, value);
}

/** That clause, or those with that beginning. */
export function clausesBelow(name: string, value: string): readonly ClauseId[] {
  const found = ALL_IDS.filter((id) => id.toLowerCase().startsWith(value.toLowerCase()));
  if (value === '' || found.length === 0) throw noClause(name, value);
  return found;
}

function noClause(name: string, value: string): MisuseError {
  const near = nearest(value, ALL_IDS);
  const hint = near === null ? 'guestrig clauses lists them' : `did you mean ${near}?`;
  return new MisuseError(name, value, `a clause: ${hint}`);
}
