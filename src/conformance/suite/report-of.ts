import { CLAUSE_IDS, type ClauseId } from '../../rules/index.ts';
import { fails, type Verdict, type Waivers } from '../verdict.ts';
import { type Conformance, type ConformVerdict, conformsTo } from './conformance.ts';
import { tiesOf } from './mistakes.ts';
import type { ConformanceRun } from './play.ts';

/** What fails beside broken clauses, and what does not. */
interface Terms {
  readonly waive: Waivers;
  readonly require: readonly ClauseId[];
}

/** What these runs amount to. */
export function reportOf(
  model: string,
  { profile, seeds, ...terms }: Terms & Pick<Conformance, 'profile' | 'seeds'>,
  played: Pick<Conformance, 'runs' | 'unplayed' | 'skipped'>,
): Conformance {
  const { runs } = played;
  const verdicts = withTies(verdictsOfRuns(runs, terms), runs);
  const stopped = runs.filter((run) => run.stopped !== null);
  const report = { model, profile, seeds, ...played, verdicts, stopped };
  return { ...report, conforms: conformsTo(report) };
}

/** Tied anew, since it matters what else fails. */
export function withTies(
  verdicts: readonly ConformVerdict[],
  runs: readonly ConformanceRun[],
): ConformVerdict[] {
  const ties = tiesOf(verdicts, runs);
  return verdicts.map((verdict) => ({ ...verdict, under: ties.get(verdict.clause) ?? null }));
}

/** All runs together, clause by clause. */
function verdictsOfRuns(runs: readonly ConformanceRun[], terms: Terms): ConformVerdict[] {
  return CLAUSE_IDS.map((clause, i) => {
    const all = runs.map((run) => ({ run, verdict: run.verdicts[i]! }));
    const telling =
      all.find(({ verdict }) => fails(verdict)) ??
      all.find(({ verdict }) => verdict.outcome === 'fail') ??
      all.find(({ verdict }) => verdict.met > 0);
    const broken = all.reduce((sum, { verdict }) => sum + verdict.broken, 0);
    const met = all.reduce((sum, { verdict }) => sum + verdict.met, 0);
    return {
      clause,
      ...outcomeOf(clause, telling?.verdict, terms),
      met,
      broken,
      scenario: telling?.run.scenario ?? null,
      seed: telling?.run.seed ?? null,
      findings: telling?.verdict.findings ?? [],
      scenarios: [...new Set(all.filter(({ verdict }) => verdict.broken > 0).map(({ run }) => run.scenario))],
      under: null,
    };
  });
}

function outcomeOf(
  clause: ClauseId,
  telling: Verdict | undefined,
  { waive, require }: Terms,
): Pick<ConformVerdict, 'outcome' | 'note'> {
  if (telling === undefined)
    return require.includes(clause)
      ? { outcome: 'fail', note: 'nothing reached it, and it is required' }
      : { outcome: 'unreached', note: null };
  const reason = waive[clause];
  if (telling.outcome === 'fail' && reason !== undefined) return { outcome: 'waived', note: reason };
  return { outcome: telling.outcome, note: null };
}
