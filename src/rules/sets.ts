import { MisuseError } from '../core/misuse.ts';
import { version } from '../core/version.ts';
import { FIRST, LATER, RETIRED, type RuleSet } from './history.ts';
import type { ClauseId } from './index.ts';

export type { RuleSet };

const setsLater = Object.keys(LATER) as RuleSet[];
const SINCE: ReadonlyMap<string, RuleSet> = new Map(
  setsLater.flatMap((set) => LATER[set]!.map((clause) => [clause, set] as const)),
);

/** The set of this version: all clauses, but for those that were retired. */
export function newestSet(): RuleSet {
  return [...setsLater, setOf(version())].reduce((newest, set) => (isAfter(set, newest) ? set : newest));
}

/**
 * The set of a version: of `0.2.1` it is `0.2`.
 *
 * @throws MisuseError for a version whose set this one does not have.
 */
export function checkedSet(path: string, given: unknown): RuleSet {
  const newest = newestSet();
  if (typeof given === 'string' && /^\d{1,4}\.\d{1,4}(\.\d{1,4})?$/.test(given)) {
    const set = setOf(given);
    if (!isAfter(FIRST, set) && !isAfter(set, newest)) return set;
  }
  throw new MisuseError(
    path,
    given,
    FIRST === newest ? `the rule set ${FIRST}` : `a rule set, ${FIRST} to ${newest}`,
  );
}

/** The set with which a clause came. */
export function sinceOf(clause: ClauseId): RuleSet {
  return SINCE.get(clause) ?? FIRST;
}

/** Whether a set has a clause. */
export function hasClause(set: RuleSet, clause: ClauseId): boolean {
  const retired = RETIRED[clause];
  return !isAfter(sinceOf(clause), set) && (retired === undefined || isAfter(retired.until, set));
}

/** What became of a name; null if it was not retired. */
export function retiredText(name: string): string | null {
  if (!Object.hasOwn(RETIRED, name)) return null;
  const { until, now } = RETIRED[name]!;
  return `${name} was retired with the rules ${until}: ${now === undefined ? 'no clause took its place' : `it is ${now} now`}`;
}

/** Whether a clause came after the last set that was released before this version: no driver could be held to it by then. */
export function isNew(clause: ClauseId): boolean {
  const since = sinceOf(clause);
  return since !== FIRST && !isAfter(setOf(version()), since);
}

/** The versions before it in their order: `0.10` is after `0.9`. */
function isAfter(one: RuleSet, other: RuleSet): boolean {
  const [[major, minor], [its, least]] = [numbersOf(one), numbersOf(other)];
  return major === its ? minor > least : major > its;
}

function numbersOf(set: RuleSet): [major: number, minor: number] {
  const [major, minor] = set.split('.').map(Number);
  return [major!, minor!];
}

/** The part of a version that names its set. */
function setOf(given: string): RuleSet {
  return given.split('.').slice(0, 2).map(Number).join('.') as RuleSet;
}
