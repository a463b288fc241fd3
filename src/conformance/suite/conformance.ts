import { CLAUSE_IDS, type ClauseId, type Finding } from '../../rules/index.ts';
import { fails, type Outcome, type Verdict, type Waivers } from '../verdict.ts';
import type { ConformanceRun, ProfileName } from './play.ts';
import type { SkippedScenario } from './skipped.ts';

/** How a driver fared with one clause in all scenarios. */
export interface ConformVerdict {
  readonly clause: ClauseId;
  readonly outcome: Outcome;
  /** How often it came to where it could have broken it, and how often it did, in all runs together. */
  readonly met: number;
  readonly broken: number;
  /** Where it was broken first, or else met first; null where nothing came by it. */
  readonly scenario: string | null;
  readonly seed: number | null;
  /** Of that run. */
  readonly findings: readonly Finding[];
  /** Why it is waived, or why it fails without a finding. */
  readonly note: string | null;
}

/** What became of a driver in the suite. */
export interface Conformance {
  readonly model: string;
  readonly profile: ProfileName;
  readonly seeds: readonly number[];
  readonly runs: readonly ConformanceRun[];
  /** Of every clause, in the order of the catalogue. */
  readonly verdicts: readonly ConformVerdict[];
  /** Runs that the driver did not come to the end of. */
  readonly stopped: readonly ConformanceRun[];
  /** Scenarios that were not played, since the model's `use` lacks what they need. */
  readonly skipped: readonly SkippedScenario[];
  /** No clause failed, and it came to the end of every run. */
  readonly conforms: boolean;
}

/** What fails beside broken clauses, and what does not. */
interface Terms {
  readonly waive: Waivers;
  readonly require: readonly ClauseId[];
}

/** All runs together, clause by clause. */
export function verdictsOfRuns(runs: readonly ConformanceRun[], terms: Terms): ConformVerdict[] {
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

/** A broken MUST or SHOULD fails, and what was required and not reached; a broken note does not. */
export function isFailure({ outcome, findings, note }: ConformVerdict): boolean {
  return outcome === 'fail' && (note !== null || findings.some(({ severity }) => severity !== 'note'));
}
