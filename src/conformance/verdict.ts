import type { Nanos } from '../core/bits.ts';
import { checkList, checkMethods, checkObject } from '../core/checks.ts';
import { type Journal, type Tally, UNMET } from '../core/journal.ts';
import type { StoreSight } from '../core/memory-tap.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Outcome } from '../report/report.ts';
import { CLAUSE_IDS, CLAUSES, type ClauseId, type Finding, isOnStores } from '../rules/index.ts';
import { hasClause, type RuleSet } from '../rules/sets.ts';
import { covers, NameReader, reasonsOf, type Waiver, type Waivers } from './waivers.ts';

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

/**
 * The verdicts of a run, clause by clause, in the order of the catalogue.
 *
 * @param rules the version by whose rules it is judged. Default: all.
 * @throws MisuseError for a waiver of a clause that never was.
 */
export function verdictsOf(
  journal: Journal,
  waive: Waivers = {},
  scenario?: string,
  rules?: string,
): Verdict[] {
  checkMethods('journal', journal, ['readAll', 'of'], "a machine's journal");
  const names = new NameReader({ strict: true, ...(rules === undefined ? {} : { rules }) });
  return verdictsBy(journal, names.rules, names.waivers('waive', waive), scenario);
}

/** The same, of what was checked. */
export function verdictsBy(
  journal: Journal,
  rules: RuleSet,
  waivers: readonly Waiver[],
  scenario?: string,
): Verdict[] {
  const through = scenario === undefined ? {} : { scenario };
  const { stores } = journal;
  const tallies = journal.readAll();
  return CLAUSE_IDS.filter((clause) => hasClause(rules, clause)).map((clause) => {
    const { met, broken, at } = tallies.get(clause) ?? UNMET;
    const findings = broken === 0 ? [] : (journal.of(clause) as readonly Finding[]);
    const verdict = { ...verdictOn(clause, { met, broken, at, findings, stores }), ...through };
    return waived(verdict, waivers);
  });
}

/** The verdict of one run with what may be broken waived: a clause with other findings keeps those alone. */
function waived(verdict: Verdict, waivers: readonly Waiver[]): Verdict {
  const { clause, outcome, findings, scenario } = verdict;
  const its = waivers.filter((waiver) => waiver.clause === clause);
  if (its.length === 0 || (outcome !== 'fail' && outcome !== 'noted')) return verdict;
  const left = findings.filter((finding) => !its.some((waiver) => covers(waiver, finding, scenario)));
  if (left.length > 0) return { ...verdict, findings: left };
  return { ...verdict, outcome: 'waived', note: reasonsOf(its) };
}

/** A journal's data of one clause. */
interface Fared extends Readonly<Tally> {
  readonly findings: readonly Finding[];
  readonly stores: StoreSight;
}

export function verdictOn(clause: ClauseId, fared: Fared): Verdict {
  const { met, at, broken, findings, stores } = fared;
  const seen = isOnStores(clause) ? { stores } : {};
  if (met === 0) return { clause, outcome: 'unreached', met, at: null, broken, findings, ...seen };
  if (findings.length === 0) return { clause, outcome: 'pass', met, at, broken, findings, ...seen };
  const outcome = findings.some(({ severity }) => severity !== 'note') ? 'fail' : 'noted';
  return { clause, outcome, met, at, broken, findings, ...seen };
}

/** A broken MUST or SHOULD fails a run; a broken note does not. */
export function fails(verdict: Verdict): boolean {
  checkObject('verdict', verdict);
  return verdict.outcome === 'fail';
}

export function checkVerdicts(verdicts: readonly Verdict[]): readonly Verdict[] {
  checkList('verdicts', verdicts);
  for (const [i, verdict] of verdicts.entries()) {
    const { clause, findings } = (verdict ?? {}) as Partial<Verdict>;
    if (typeof clause !== 'string' || !Object.hasOwn(CLAUSES, clause) || !Array.isArray(findings))
      throw new MisuseError(`verdicts[${i}]`, verdict, 'a verdict on a clause');
    for (const [j, finding] of findings.entries()) checkObject(`verdicts[${i}].findings[${j}]`, finding);
  }
  return verdicts;
}
