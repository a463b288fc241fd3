import type { Nanos } from '../core/bits.ts';
import { checkMethods, checkObject } from '../core/checks.ts';
import { type Journal, type StoreSight, type Tally, UNMET } from '../core/journal.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Outcome } from '../report/report.ts';
import { CLAUSE_IDS, CLAUSES, type ClauseId, type Finding, isOnStores } from '../rules/index.ts';

export type { Outcome };

/** The result of a guest for one clause. */
export interface Verdict {
  readonly clause: ClauseId;
  readonly outcome: Outcome;
  /** How often the clause was checked, and when last; null is never. */
  readonly met: number;
  readonly at: Nanos | null;
  /** How often the guest broke it; `findings` are the first of them, each with a different text. */
  readonly broken: number;
  /** For a clause on a guest's stores to memory: how they were observed. */
  readonly stores?: StoreSight;
  /** The name of the scenario, if it has one. */
  readonly scenario?: string;
  readonly findings: readonly Finding[];
  /** Why it is waived, or why it cannot be reached. */
  readonly note?: string;
}

/** Clauses that a driver may break, each with its reason. */
export type Waivers = { readonly [Clause in ClauseId]?: string };

/** Clauses that a driver may break, and scenarios that it need not finish, each with its reason. */
export type SuiteWaivers = Waivers & { readonly [scenario: string]: string | undefined };

/**
 * Refuses a waiver of what does not exist, for JavaScript callers have no closed union, and one without a reason.
 *
 * @param scenarios names of scenarios that a driver need not finish.
 */
export function checkWaivers(waive: Waivers = {}, scenarios: readonly string[] = []): void {
  checkObject('waive', waive);
  const expected =
    scenarios.length > 0 ? 'a clause of the catalogue, or a scenario' : 'a clause of the catalogue';
  for (const [name, reason] of Object.entries(waive)) {
    if (!Object.hasOwn(CLAUSES, name) && !scenarios.includes(name))
      throw new MisuseError('waive', name, expected);
    if (typeof reason !== 'string' || reason.trim() === '')
      throw new MisuseError(`waive['${name}']`, reason, 'a reason in words');
  }
}

/** The verdicts of a run, clause by clause, in the order of the catalogue. */
export function verdictsOf(journal: Journal, waive: Waivers = {}, scenario?: string): Verdict[] {
  checkMethods('journal', journal, ['readAll', 'of'], "a machine's journal");
  checkWaivers(waive);
  const through = scenario === undefined ? {} : { scenario };
  const { stores } = journal;
  const tallies = journal.readAll();
  return CLAUSE_IDS.map((clause) => {
    const { met, broken, at } = tallies.get(clause) ?? UNMET;
    const findings = broken === 0 ? [] : (journal.of(clause) as readonly Finding[]);
    return { ...verdictOn(clause, { met, broken, at, findings, stores }, waive[clause]), ...through };
  });
}

/** A journal's data of one clause. */
interface Fared extends Readonly<Tally> {
  readonly findings: readonly Finding[];
  readonly stores: StoreSight;
}

/** @param reason why it may be broken, if the user gave a reason. */
export function verdictOn(clause: ClauseId, fared: Fared, reason?: string): Verdict {
  const { met, at, broken, findings, stores } = fared;
  const seen = isOnStores(clause) ? { stores } : {};
  if (met === 0) return { clause, outcome: 'unreached', met, at: null, broken, findings, ...seen };
  if (findings.length === 0) return { clause, outcome: 'pass', met, at, broken, findings, ...seen };
  if (reason !== undefined)
    return { clause, outcome: 'waived', met, at, broken, findings, ...seen, note: reason };
  const outcome = findings.some(({ severity }) => severity !== 'note') ? 'fail' : 'noted';
  return { clause, outcome, met, at, broken, findings, ...seen };
}

/** A broken MUST or SHOULD fails a run; a broken note does not. */
export function fails(verdict: Verdict): boolean {
  checkObject('verdict', verdict);
  return verdict.outcome === 'fail';
}
