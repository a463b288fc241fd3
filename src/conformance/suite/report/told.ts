import type { Known } from '../baseline.ts';
import { type Conformance, type ConformVerdict, isFailure } from '../conformance.ts';
import type { ConformanceRun } from '../play.ts';

/** A report, and what whoever tells of it needs beside. */
export interface Told {
  readonly report: Conformance;
  /** What the baseline knows and this driver no longer does. */
  readonly gone: readonly Known[];
  /** The folder that places are told from. */
  readonly root: string;
}

/** Runs that one thing stopped. */
export interface Stop {
  readonly said: string;
  readonly runs: readonly ConformanceRun[];
}

/** What stopped a driver, each once. */
export function stopsOf({ stopped }: Conformance): Stop[] {
  const texts = new Set(stopped.map((run) => String(run.stopped)));
  return [...texts].map((said) => ({ said, runs: stopped.filter((run) => String(run.stopped) === said) }));
}

/** A note was broken: it is told, and fails nothing. */
export function isNoted(verdict: ConformVerdict): boolean {
  return verdict.outcome === 'fail' && !isFailure(verdict);
}

/** `in "a machine whose power fails", seed 3; 12 times in all` */
export function circumstances({ scenario, seed, broken }: ConformVerdict): string {
  return `in "${scenario}", seed ${seed}${broken > 1 ? `; ${broken} times in all` : ''}`;
}

/** `in "a machine whose power fails", seed 3, and 4 more runs` */
export function stoppedIn({ runs }: Stop): string {
  const [{ scenario, seed }] = runs as [ConformanceRun];
  const more = runs.length - 1;
  const rest = more === 0 ? '' : `, and ${more} more ${more === 1 ? 'run' : 'runs'}`;
  return `in "${scenario}", seed ${seed}${rest}`;
}

/** Scenarios that were skipped for one reason. */
export interface Skip {
  readonly reason: string;
  readonly scenarios: readonly string[];
}

/** Why scenarios were not played, each reason once. */
export function skipsOf({ skipped }: Conformance): Skip[] {
  return [...new Set(skipped.map(({ reason }) => reason))].map((reason) => ({
    reason,
    scenarios: skipped.filter((one) => one.reason === reason).map(({ scenario }) => scenario),
  }));
}

export function goneText(known: Known): string {
  const what = known.clause === undefined ? `the stop in "${known.stopped}"` : clauseText(known);
  return `${what} is known, and is no more: take it out of the baseline`;
}

function clauseText({ clause, subject }: Known): string {
  return subject === undefined ? clause! : `${clause} of ${subject}`;
}

/** `3 clauses fail, 1 run stopped`; empty if nothing is wrong. */
export function failureText({ verdicts, stopped }: Conformance): string {
  const failed = verdicts.filter(isFailure).length;
  return [
    ...counted(failed, 'clause fails', 'clauses fail'),
    ...counted(stopped.length, 'run stopped', 'runs stopped'),
  ].join(', ');
}

function counted(count: number, one: string, several: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
}
