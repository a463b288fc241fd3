import type { Journal } from '../core/journal.ts';
import { MisuseError } from '../core/misuse.ts';
import { CLAUSE_IDS, type ClauseId, type Finding } from '../rules/index.ts';

/**
 * `pass`: the guest came to where the clause is checked and kept it. `fail`: it broke it. `unreached`: nothing
 * exercised it, which is never a pass. `waived`: it broke it, and the user says why that is right.
 */
export type Outcome = 'pass' | 'fail' | 'unreached' | 'waived';

export interface Verdict {
  readonly clause: ClauseId;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  /** Why it is waived, or why it cannot be reached. */
  readonly note?: string;
}

/** Clauses that a driver may break, each with its reason. */
export type Waivers = { readonly [Clause in ClauseId]?: string };

/** Refuses a waiver of a clause that does not exist: JavaScript callers have no closed union. */
export function checkWaivers(waive: Waivers = {}): void {
  for (const name of Object.keys(waive))
    if (!CLAUSE_IDS.includes(name as ClauseId))
      throw new MisuseError('waive', name, 'a clause of the catalogue');
}

/** What a run amounts to, clause by clause, in the order of the catalogue. */
export function verdictsOf(journal: Journal, waive: Waivers = {}): Verdict[] {
  return CLAUSE_IDS.map((clause) => verdictOn(clause, journal, waive[clause]));
}

function verdictOn(clause: ClauseId, journal: Journal, reason: string | undefined): Verdict {
  const findings = journal.of(clause) as readonly Finding[];
  if (!journal.reached(clause)) return { clause, outcome: 'unreached', findings };
  if (findings.length === 0) return { clause, outcome: 'pass', findings };
  return reason === undefined
    ? { clause, outcome: 'fail', findings }
    : { clause, outcome: 'waived', findings, note: reason };
}

/** A broken MUST or SHOULD fails a run; a broken note does not. */
export function fails(verdict: Verdict): boolean {
  return verdict.outcome === 'fail' && verdict.findings.some(({ severity }) => severity !== 'note');
}
