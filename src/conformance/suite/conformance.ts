import type { ProfileName } from '../../machine/profile.ts';
import { isHard } from '../../rules/hard.ts';
import type { ClauseId, Finding } from '../../rules/index.ts';
import type { RuleSet } from '../../rules/sets.ts';
import { type DeviceKind, isAbout } from '../model/kinds.ts';
import type { Outcome } from '../verdict.ts';
import type { Waiver } from '../waivers.ts';
import type { ConformanceRun } from './play.ts';
import type { Turn } from './run-filter.ts';

/** A clause that is listed below another: broken by the same access each time, or known to follow from it. */
export interface Under {
  readonly clause: ClauseId;
  readonly tie: 'access' | 'follows';
}

/** The result of a driver for one clause in all scenarios. */
export interface ConformVerdict {
  readonly clause: ClauseId;
  readonly outcome: Outcome;
  /** How often the clause was checked, and how often it was broken, in all runs together. */
  readonly met: number;
  readonly broken: number;
  /** Where it was broken first, or else first checked; null if it was not reached. */
  readonly scenario: string | null;
  readonly seed: number | null;
  /** Of that run. */
  readonly findings: readonly Finding[];
  /** Why it is waived, or why it fails without a finding. */
  readonly note: string | null;
  /** Names of those in which it was broken, in the order in which they were played. */
  readonly scenarios: readonly string[];
  /** The clause with which this one is broken each time: both have one cause, and that one lists it. */
  readonly under: Under | null;
}

/** A scenario that was not played, or that a driver need not finish, and why. */
export interface SkippedScenario {
  readonly scenario: string;
  /** `needs use.send and use.stop, which the model does not give` */
  readonly reason: string;
}

/** A machine that is none of ours: `QEMU 10.0.13`. */
export type OtherName = `QEMU ${string}`;

/** The result of a driver in the suite. */
export interface Conformance {
  readonly model: string;
  /** The version of guestrig that judged it, and the set of rules. */
  readonly guestrig: string;
  readonly rules: RuleSet;
  /** What it drives: scenarios and clauses of other devices do not concern it. */
  readonly drives: readonly DeviceKind[];
  readonly profile: ProfileName | OtherName;
  readonly seeds: readonly number[];
  readonly runs: readonly ConformanceRun[];
  /** Of every clause, in the order of the catalogue. */
  readonly verdicts: readonly ConformVerdict[];
  /** Runs that the driver did not finish, in scenarios that it must finish: first those that would not end. */
  readonly stopped: readonly ConformanceRun[];
  /** Scenarios that it did not finish, which is waived or known. */
  readonly waived: readonly SkippedScenario[];
  /** Scenarios that were not played, because the model's `use` lacks what they need. Those about devices that it does not
   * drive are not among them. */
  readonly skipped: readonly SkippedScenario[];
  /** Left out, because the driver would not end in earlier ones. */
  readonly unplayed: readonly Turn[];
  /** Entries of the baseline that were reached and did not fail any more. */
  readonly gone: readonly Waiver[];
  /** What is to be said of names of clauses that were given, and of waivers that ended: a sentence each. */
  readonly warnings: readonly string[];
  /** No clause failed, and every run finished. What the driver did when a device lied is no part of it. */
  readonly conforms: boolean;
  /** It bore every lie that it was told: option `hostile`. Null if that was not asked. */
  readonly hard: boolean | null;
}

/** A broken MUST or SHOULD fails, and so does a required clause that was not reached. */
export function isFailure({ outcome }: Pick<ConformVerdict, 'outcome'>): boolean {
  return outcome === 'fail';
}

/** The verdicts that a report tells: of clauses that the driver does not come by, those about its devices. */
export function toldOf({ verdicts, drives }: Pick<Conformance, 'verdicts' | 'drives'>): ConformVerdict[] {
  return verdicts.filter(({ clause, outcome }) => outcome !== 'unreached' || isAbout(clause, drives));
}

/** The two outcomes of a report: nothing failed, and all was played; no lie was fallen for. */
export function outcomesOf({
  verdicts,
  stopped,
  unplayed,
}: Omit<Conformance, 'conforms' | 'hard'>): Pick<Conformance, 'conforms' | 'hard'> {
  const lies = verdicts.filter(({ clause }) => isHard(clause));
  const clauses = verdicts.filter(({ clause }) => !isHard(clause));
  return {
    conforms: stopped.length === 0 && unplayed.length === 0 && !clauses.some(isFailure),
    hard: lies.length === 0 ? null : !lies.some(isFailure),
  };
}
