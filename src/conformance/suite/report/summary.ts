import { visible } from '../../../core/visible.ts';
import { isHard } from '../../../rules/hard.ts';
import { otherKinds } from '../../report/kinds.ts';
import type { Known } from '../baseline.ts';
import { type Conformance, type ConformVerdict, isFailure, type Under } from '../conformance.ts';
import type { ConformanceRun } from '../play.ts';
import type { Turn } from '../run-filter.ts';

/** A report, and the further data that its renderers need. */
export interface Summary {
  readonly report: Conformance;
  /** Entries of the baseline that this driver no longer breaks. */
  readonly gone: readonly Known[];
  /** The folder to which places are relative. */
  readonly root: string;
}

/** Runs that stopped for one reason. */
export interface Stop {
  readonly said: string;
  readonly runs: readonly ConformanceRun[];
}

/** The reasons why a driver stopped, each once. */
export function stopsOf({ stopped }: Conformance): Stop[] {
  const texts = new Set(stopped.map((run) => String(run.stopped)));
  return [...texts].map((said) => ({ said, runs: stopped.filter((run) => String(run.stopped) === said) }));
}

/** A note was broken: it is reported, and fails nothing. */
export function isNoted(verdict: ConformVerdict): boolean {
  return verdict.outcome === 'fail' && !isFailure(verdict);
}

/** `in 14 of 21 scenarios, first in "a machine whose power fails", seed 3; 40 times in all` */
export function circumstances(verdict: ConformVerdict, report: Conformance): string {
  const { scenario, seed, broken, scenarios } = verdict;
  const all = scenariosOf(report).length;
  const how = all === 1 ? 'in' : `in ${scenarios.length} of ${all} scenarios, first in`;
  return `${how} "${visible(scenario!)}", seed ${seed}${broken > 1 ? `; ${broken} times in all` : ''}`;
}

/** The failures that are listed by themselves. */
export function headsOf({ verdicts }: Conformance): ConformVerdict[] {
  return verdicts.filter((verdict) => isFailure(verdict) && verdict.under === null);
}

/** `with it, by the same access: virtio/NET-FEAT-D2 MUST NOT: GUEST_TSO6 (8) was accepted …`, each on a line. */
export function companionsOf({ clause }: ConformVerdict, { verdicts }: Conformance): string[] {
  return verdicts
    .filter(({ under }) => under?.clause === clause)
    .flatMap((verdict) =>
      [verdict.findings[0]!.said, ...otherKinds(verdict.findings)].map(
        (said) => `${TIES[verdict.under!.tie]}: ${verdict.clause}  ${visible(said)}`,
      ),
    );
}

const TIES = { access: 'by the same access', follows: 'which follows from it' } as const;

/** `fails with virtio/FEAT-D1, by the same access` */
export function underText({ clause, tie }: Under): string {
  return `fails with ${clause}, ${TIES[tie]}`;
}

/** `in "a machine whose power fails", seed 3, and 4 more runs` */
export function stoppedIn({ runs }: Stop): string {
  return `in ${runsText(runs)}`;
}

function runsText(turns: readonly Turn[]): string {
  const [{ scenario, seed }] = turns as readonly [Turn];
  const more = turns.length - 1;
  const rest = more === 0 ? '' : `, and ${more} more ${more === 1 ? 'run' : 'runs'}`;
  return `"${visible(scenario)}", seed ${seed}${rest}`;
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
  const what = known.clause === undefined ? `the stop in "${visible(known.stopped!)}"` : clauseText(known);
  return `${what} is known, and is no more: take it out of the baseline`;
}

function clauseText({ clause, subject }: Known): string {
  return subject === undefined ? clause! : `${clause} of ${visible(subject)}`;
}

/** `conforms`, `does not conform: 3 clauses fail`; with devices that lie, how it bears them. */
export function outcomeText(report: Conformance): string {
  const said = report.conforms ? 'conforms' : `does not conform: ${failureText(report)}`;
  if (report.hard === null) return said;
  const told = report.verdicts.filter(({ clause, met }) => isHard(clause) && met > 0);
  const fell = told.filter(isFailure).length;
  const lies = `${told.length} ${told.length === 1 ? 'lie' : 'lies'}`;
  return report.hard ? `${said}, and bears ${lies}` : `${said}, and falls for ${fell} of ${lies}`;
}

/** `3 clauses fail, 1 run stopped, 20 runs not played`; empty if nothing is wrong. */
function failureText({ verdicts, stopped, unplayed }: Conformance): string {
  const failed = verdicts.filter((verdict) => isFailure(verdict) && !isHard(verdict.clause));
  const mistakes = failed.filter(({ under }) => under === null).length;
  const by = mistakes === failed.length ? '' : ` by ${mistakes} ${mistakes === 1 ? 'mistake' : 'mistakes'}`;
  return [
    ...counted(failed.length, `clause fails${by}`, `clauses fail${by}`),
    ...counted(stopped.length, 'run stopped', 'runs stopped'),
    ...counted(unplayed.length, 'run not played', 'runs not played'),
  ].join(', ');
}

/** `"a machine whose power fails", seed 3, and 4 more runs were not played: the driver did not end in those before`; null for none. */
export function unplayedText({ unplayed }: Conformance): string | null {
  if (unplayed.length === 0) return null;
  const were = unplayed.length === 1 ? 'was' : 'were';
  return `${runsText(unplayed)} ${were} not played: ${UNPLAYED}`;
}

/** The reason why runs were left out. */
export const UNPLAYED = 'the driver did not end in those before';

/** Every scenario of the report once, played or not. */
export function scenariosOf({ runs, unplayed }: Conformance): string[] {
  return [...new Set([...runs, ...unplayed].map(({ scenario }) => scenario))];
}

function counted(count: number, one: string, several: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
}
