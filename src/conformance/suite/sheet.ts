import type { StoreSight } from '../../core/journal.ts';
import { CLAUSE_IDS, type Finding } from '../../rules/index.ts';
import { type Verdict, verdictOn } from '../verdict.ts';

/** Numbers that are kept of a clause: its place in the catalogue, `met`, `at`, `broken`. */
const COLUMNS = 4;
const NO_FINDINGS: readonly Finding[] = [];

/**
 * The verdicts of a run, laid away. Of ten thousand runs each has hundreds, and most say that nothing came by.
 *
 * @example
 * const sheet = laidAway(verdicts);
 * verdictsOn(sheet, scenario);         // equal to `verdicts`
 */
export interface Sheet {
  /** Four numbers for each clause that was reached. */
  readonly reached: Float64Array;
  readonly findings: readonly Finding[];
  /** How stores to memory were known. */
  readonly stores: StoreSight;
}

export function laidAway(verdicts: readonly Verdict[]): Sheet {
  const reached: number[] = [];
  const findings: Finding[] = [];
  let sight: StoreSight = 'none';
  for (const [place, { met, at, broken, findings: its, stores }] of verdicts.entries()) {
    sight = stores ?? sight;
    if (met === 0 && broken === 0) continue;
    reached.push(place, met, at ?? 0, broken);
    findings.push(...its);
  }
  return { reached: Float64Array.from(reached), findings, stores: sight };
}

/** The verdicts anew, of every clause in the order of the catalogue. */
export function verdictsOn({ reached, findings, stores }: Sheet, scenario: string): Verdict[] {
  let row = 0;
  return CLAUSE_IDS.map((clause, place) => {
    const [met, at, broken] = reached[row] === place ? reached.subarray(row + 1, row + COLUMNS) : [0, 0, 0];
    if (reached[row] === place) row += COLUMNS;
    const its = broken === 0 ? NO_FINDINGS : findings.filter((finding) => finding.clause === clause);
    return { ...verdictOn(clause, { met: met!, at: at!, broken: broken!, findings: its, stores }), scenario };
  });
}
