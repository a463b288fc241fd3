import type { Nanos } from '../core/bits.ts';
import { checkMethods, checkObject } from '../core/checks.ts';
import { type Journal, type StoreSight, type Tally, UNMET } from '../core/journal.ts';
import { MisuseError } from '../core/misuse.ts';
import { CLAUSE_IDS, CLAUSES, type ClauseId, type Finding, isOnStores } from '../rules/index.ts';

/**
 * `pass`: the guest reached the check and kept the clause. `fail`: it broke it. `unreached`: nothing exercised
 * it, which is never a pass. `waived`: it broke it, and the user gave a reason.
 */
export type Outcome = 'pass' | 'fail' | 'unreached' | 'waived';

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

/** Refuses a waiver of a clause that does not exist, for JavaScript callers have no closed union, and one without a reason. */
export function checkWaivers(waive: Waivers = {}): void {
  checkObject('waive', waive);
  for (const [name, reason] of Object.entries(waive)) {
    if (!Object.hasOwn(CLAUSES, name)) throw new MisuseError('waive', name, 'a clause of the catalogue');
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
  return reason === undefined
    ? { clause, outcome: 'fail', met, at, broken, findings, ...seen }
    : { clause, outcome: 'waived', met, at, broken, findings, ...seen, note: reason };
}

/** A broken MUST or SHOULD fails a run; a broken note does not. */
export function fails(verdict: Verdict): boolean {
  checkObject('verdict', verdict);
  return verdict.outcome === 'fail' && verdict.findings.some(({ severity }) => severity !== 'note');
}
