import { checkList, checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { GatheredKinds } from '../../report/kinds.ts';
import { ALL_IDS, CLAUSES, type ClauseId, type Finding } from '../../rules/index.ts';
import { checkText } from '../checks.ts';
import { type Conformance, type ConformVerdict, isFailure, type Known, outcomesOf } from './conformance.ts';
import type { ConformanceRun } from './play.ts';
import { withTies } from './report-of.ts';

/** @throws MisuseError for what is not a list of known findings, each with a reason. */
export function checkBaseline(given: unknown): readonly Known[] {
  checkObject('baseline', given);
  const { known } = given as { readonly known: readonly Known[] };
  checkList('known', known);
  for (const [i, one] of known.entries()) checkKnown(`known[${i}]`, one);
  return known;
}

function checkKnown(path: string, known: Known): void {
  checkObject(path, known);
  const { clause, subject, stopped, reason } = known;
  if ((clause === undefined) === (stopped === undefined))
    throw new MisuseError(path, known, 'an object with either clause or stopped');
  if (clause !== undefined && !Object.hasOwn(CLAUSES, clause))
    throw new MisuseError(`${path}.clause`, clause, 'a clause of the catalogue', ALL_IDS);
  if (subject !== undefined) checkText(`${path}.subject`, subject);
  if (stopped !== undefined) checkText(`${path}.stopped`, stopped);
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new MisuseError(`${path}.reason`, reason, 'a reason in words');
}

/**
 * The report with known failures waived: a clause with new findings keeps those alone.
 *
 * @param isPart of the suite: what is known may occur in another.
 */
export function compared(report: Conformance, baseline: readonly Known[], isPart: boolean): Conformance {
  if (baseline.length === 0) return report;
  const verdicts = withTies(
    report.verdicts.map((verdict) => withoutKnown(report, verdict, baseline)),
    report.runs,
  );
  const { stopped, waived } = withoutStops(report, baseline);
  const rest = { ...report, verdicts, stopped, waived };
  return {
    ...rest,
    ...outcomesOf(rest),
    gone: isPart ? [] : baseline.filter((known) => isGone(report, known)),
  };
}

/** Runs that were not finished, without those of known scenarios. */
function withoutStops(
  { stopped, waived }: Pick<Conformance, 'stopped' | 'waived'>,
  known: readonly Known[],
): Pick<Conformance, 'stopped' | 'waived'> {
  const scenarios = new Set(stopped.map(({ scenario }) => scenario));
  const its = known.flatMap(({ stopped: scenario, reason }) =>
    scenario !== undefined && scenarios.has(scenario) ? [{ scenario, reason }] : [],
  );
  return {
    stopped: stopped.filter(({ scenario }) => !its.some((one) => one.scenario === scenario)),
    waived: [...waived, ...its],
  };
}

/** The baseline of a report: everything that fails it, with the known reasons. */
export function baselineOf(report: Conformance, before: readonly Known[]): { readonly known: Known[] } {
  const broken = report.verdicts.filter(isFailure).flatMap(({ clause }) => {
    const subjects = new Set(findingsOf(report, clause).map(({ subject }) => subject));
    return [...subjects].map((subject) => ({ clause, subject, reason: NOT_YET }));
  });
  const stopped = new Set(report.stopped.map(({ scenario }) => scenario));
  const all: Known[] = [...broken, ...[...stopped].map((name) => ({ stopped: name, reason: NOT_YET }))];
  return { known: all.map((one) => before.find((known) => isSame(known, one)) ?? one) };
}

/** A placeholder for a reason that a person is to write. */
const NOT_YET = 'not looked into yet';

function isSame(known: Known, one: Known): boolean {
  return (
    known.clause === one.clause &&
    known.stopped === one.stopped &&
    (known.subject ?? one.subject) === one.subject
  );
}

function withoutKnown(
  report: Conformance,
  verdict: ConformVerdict,
  baseline: readonly Known[],
): ConformVerdict {
  const its = baseline.filter((known) => known.clause === verdict.clause);
  const isBroken = verdict.outcome === 'fail' || verdict.outcome === 'noted';
  if (its.length === 0 || !isBroken || verdict.findings.length === 0) return verdict;
  const covers = ({ subject }: Finding) => its.some((known) => (known.subject ?? subject) === subject);
  const gathered = new GatheredKinds<Finding>();
  const isNew = ({ verdicts }: ConformanceRun) => {
    const before = gathered.findings.length;
    for (const { clause, findings } of verdicts)
      if (clause === verdict.clause) gathered.add(findings.filter((finding) => !covers(finding)));
    return gathered.findings.length > before;
  };
  const [first] = report.runs.filter(isNew);
  const { findings } = gathered;
  if (first !== undefined) return { ...verdict, scenario: first.scenario, seed: first.seed, findings };
  return { ...verdict, outcome: 'waived', note: its.map(({ reason }) => reason).join('; ') };
}

/** Only a clause that was reached can be gone. */
function isGone(report: Conformance, { clause, subject, stopped }: Known): boolean {
  if (clause === undefined)
    return (
      report.runs.some(({ scenario }) => scenario === stopped) &&
      !report.stopped.some(({ scenario }) => scenario === stopped)
    );
  const met = report.verdicts.some((verdict) => verdict.clause === clause && verdict.met > 0);
  return (
    met && !findingsOf(report, clause).some((finding) => (subject ?? finding.subject) === finding.subject)
  );
}

function findingsOf({ runs }: Conformance, clause: ClauseId): readonly Finding[] {
  return runs.flatMap(({ verdicts }) =>
    verdicts.filter((verdict) => verdict.clause === clause).flatMap(({ findings }) => findings),
  );
}
