import type { ClauseId, Finding } from '../../rules/index.ts';
import type { Outcome } from '../verdict.ts';
import type { Turn } from './course.ts';
import type { ConformanceRun, ProfileName } from './play.ts';
import type { SkippedScenario } from './skipped.ts';

/** A clause that is told below another: broken by the same access each time, or known to follow from it. */
export interface Under {
  readonly clause: ClauseId;
  readonly tie: 'access' | 'follows';
}

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
  /** Names of those in which it was broken, in the order in which they were played. */
  readonly scenarios: readonly string[];
  /** The clause with which this one is broken each time: both are one mistake, and told there. */
  readonly under: Under | null;
}

/** A machine that is none of ours: `QEMU 10.0.13`. */
export type OtherName = `QEMU ${string}`;

/** What became of a driver in the suite. */
export interface Conformance {
  readonly model: string;
  readonly profile: ProfileName | OtherName;
  readonly seeds: readonly number[];
  readonly runs: readonly ConformanceRun[];
  /** Of every clause, in the order of the catalogue. */
  readonly verdicts: readonly ConformVerdict[];
  /** Runs that the driver did not come to the end of. */
  readonly stopped: readonly ConformanceRun[];
  /** Scenarios that were not played, since the model's `use` lacks what they need. */
  readonly skipped: readonly SkippedScenario[];
  /** Left out, since the driver would not end in those before them. */
  readonly unplayed: readonly Turn[];
  /** No clause failed, and it came to the end of every run. */
  readonly conforms: boolean;
}

/** A broken MUST or SHOULD fails, and what was required and not reached; a broken note does not. */
export function isFailure({ outcome, findings, note }: ConformVerdict): boolean {
  return outcome === 'fail' && (note !== null || findings.some(({ severity }) => severity !== 'note'));
}

/** Nothing is wrong, and all was played. */
export function conformsTo({ verdicts, stopped, unplayed }: Omit<Conformance, 'conforms'>): boolean {
  return stopped.length === 0 && unplayed.length === 0 && !verdicts.some(isFailure);
}
