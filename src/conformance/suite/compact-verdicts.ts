import { type Journal, UNMET } from '../../core/journal.ts';
import type { StoreSight } from '../../core/memory-tap.ts';
import { ALL_IDS, CLAUSE_IDS, type ClauseId, type Finding } from '../../rules/index.ts';
import { type Verdict, verdictOn } from '../verdict.ts';

/** Numbers that are kept of a clause: its place in the catalogue, `met`, `at`, `broken`. */
const COLUMNS = 4;
const NO_FINDINGS: readonly Finding[] = [];

/**
 * The verdicts of a run in compact form. Ten thousand runs have hundreds each, and most are unreached.
 *
 * @example
 * const compact = compactVerdicts(machine.journal);
 * verdictsOn(compact, scenario);         // equal to `verdictsOf(machine.journal, {}, scenario)`
 */
export interface CompactVerdicts {
  /** Four numbers for each clause that was reached. */
  readonly reached: Float64Array;
  readonly findings: readonly Finding[];
  /** How stores to memory were observed. */
  readonly stores: StoreSight;
}

/** @param judges the clauses that can be judged; null is all. */
export function compactVerdicts(
  journal: Journal,
  judges: ReadonlySet<ClauseId> | null = null,
): CompactVerdicts {
  const tallies = journal.readAll();
  const reached: number[] = [];
  const findings: Finding[] = [];
  for (let place = 0; place < ALL_IDS.length; place++) {
    const clause = ALL_IDS[place]!;
    const { met, broken, at } = tallies.get(clause) ?? UNMET;
    if ((met === 0 && broken === 0) || judges?.has(clause) === false) continue;
    reached.push(place, met, at, broken);
    if (broken > 0) findings.push(...(journal.of(clause) as readonly Finding[]));
  }
  return { reached: Float64Array.from(reached), findings, stores: journal.stores };
}

/** Rebuilds the verdicts, of every clause in the order of the catalogue; of those of hardness if a lie was told. */
export function verdictsOn(compact: CompactVerdicts, scenario: string): Verdict[] {
  const { reached, stores } = compact;
  const isHard = (reached.at(-COLUMNS) ?? 0) >= CLAUSE_IDS.length;
  const verdicts = (isHard ? ALL_IDS : CLAUSE_IDS).map((clause) => ({
    ...verdictOn(clause, { ...UNMET, findings: NO_FINDINGS, stores }),
    scenario,
  }));
  reachedOn(compact, (place, _met, _broken, row) => {
    verdicts[place] = { ...verdictIn(compact, row), scenario };
  });
  return verdicts;
}

/** Each clause that was reached: its place in the catalogue, its counts, and the row with the rest. */
export function reachedOn(
  { reached }: CompactVerdicts,
  each: (place: number, met: number, broken: number, row: number) => void,
): void {
  for (let row = 0; row < reached.length; row += COLUMNS)
    each(reached[row]!, reached[row + 1]!, reached[row + 3]!, row);
}

/** The verdict of a row. */
export function verdictIn({ reached, findings, stores }: CompactVerdicts, row: number): Verdict {
  const [place, met, at, broken] = [reached[row]!, reached[row + 1]!, reached[row + 2]!, reached[row + 3]!];
  const clause = ALL_IDS[place]!;
  const its = broken === 0 ? NO_FINDINGS : findings.filter((finding) => finding.clause === clause);
  return verdictOn(clause, { met, at, broken, findings: its, stores });
}
