import { checkList, checkObject } from '../../core/checks.ts';
import { GatheredKinds } from '../../report/kinds.ts';
import type { ClauseId, Finding } from '../../rules/index.ts';
import { covers, type NameReader, reasonsOf, type Waiver } from '../waivers.ts';
import { type Conformance, type ConformVerdict, isFailure, outcomesOf } from './conformance.ts';
import type { ConformanceRun } from './play.ts';
import { withTies } from './report-of.ts';

/**
 * What is known by a baseline, but for what ended.
 *
 * @throws MisuseError for what is not a list of waivers, each with a reason.
 */
export function knownIn(given: unknown, names: NameReader): readonly Waiver[] {
  checkObject('baseline', given);
  const { known } = given as { readonly known: unknown };
  checkList('known', known);
  return names.waivers('known', known);
}

/** What may fail: what the user waives, and what was known before and is to be mended. */
interface Allowed {
  readonly waive: readonly Waiver[];
  readonly known: readonly Waiver[];
}

/**
 * The report with failures waived that may be: a clause with other findings keeps those alone.
 *
 * @param isPart of the suite: what is known may occur in another.
 */
export function compared(report: Conformance, { waive, known }: Allowed, isPart: boolean): Conformance {
  const waivers = [...waive, ...known];
  if (waivers.length === 0) return report;
  const verdicts = withTies(
    report.verdicts.map((verdict) => withoutKnown(report, verdict, waivers)),
    report.runs,
  );
  const { stopped, waived } = withoutStops(report, waivers);
  const rest = { ...report, verdicts, stopped, waived };
  return {
    ...rest,
    ...outcomesOf(rest),
    gone: isPart ? [] : known.filter((one) => isGone(report, one)),
  };
}

/** Runs that were not finished, without those of known scenarios. */
function withoutStops(
  { stopped, waived }: Pick<Conformance, 'stopped' | 'waived'>,
  known: readonly Waiver[],
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

/** The baseline of a report: everything that fails it, with the entries that were known. */
export function baselineOf(report: Conformance, before: readonly Waiver[]): { readonly known: Waiver[] } {
  const broken = report.verdicts
    .filter(isFailure)
    .flatMap(({ clause }) => report.runs.flatMap((run) => entriesOf(run, clause, before)));
  const stopped = [...new Set(report.stopped.map(({ scenario }) => scenario))].map(
    (name) => before.find((known) => known.stopped === name) ?? { stopped: name, reason: NOT_YET },
  );
  const isFirst = (one: Waiver, i: number) => broken.findIndex((other) => isSame(one, other)) === i;
  return { known: [...broken.filter(isFirst), ...stopped] };
}

/** A placeholder for a reason that a person is to write. */
const NOT_YET = 'not looked into yet';

/** The entry of each finding of a run. */
function entriesOf(run: ConformanceRun, clause: ClauseId, before: readonly Waiver[]): Waiver[] {
  return findingsOf({ runs: [run] }, clause).map(
    (finding) =>
      before.find((known) => covers(known, finding, run.scenario)) ?? {
        clause,
        subject: finding.subject,
        reason: NOT_YET,
      },
  );
}

function isSame(one: Waiver, other: Waiver): boolean {
  return one.clause === other.clause && one.subject === other.subject && one.scenario === other.scenario;
}

function withoutKnown(
  report: Conformance,
  verdict: ConformVerdict,
  waivers: readonly Waiver[],
): ConformVerdict {
  const its = waivers.filter((waiver) => waiver.clause === verdict.clause);
  const isBroken = verdict.outcome === 'fail' || verdict.outcome === 'noted';
  if (its.length === 0 || !isBroken || verdict.findings.length === 0) return verdict;
  const whole: ConformVerdict = { ...verdict, outcome: 'waived', note: reasonsOf(its) };
  if (its.some(({ subject, scenario }) => subject === undefined && scenario === undefined)) return whole;
  const gathered = new GatheredKinds<Finding>();
  const isOther = ({ scenario, verdicts }: ConformanceRun) => {
    const before = gathered.findings.length;
    const isLeft = (finding: Finding) => !its.some((waiver) => covers(waiver, finding, scenario));
    for (const { clause, findings } of verdicts)
      if (clause === verdict.clause) gathered.add(findings.filter(isLeft));
    return gathered.findings.length > before;
  };
  const others = report.runs.filter(isOther);
  const [first] = others;
  const { findings } = gathered;
  if (first === undefined) return whole;
  const scenarios = [...new Set(others.map(({ scenario }) => scenario))];
  return { ...verdict, scenario: first.scenario, seed: first.seed, findings, scenarios };
}

/** Only a clause that was reached can be gone. */
function isGone(report: Conformance, known: Waiver): boolean {
  const { clause, stopped, scenario } = known;
  const runs = report.runs.filter((run) => run.scenario === (stopped ?? scenario ?? run.scenario));
  if (clause === undefined) return runs.length > 0 && runs.every((run) => run.stopped === null);
  const met = report.verdicts.some((verdict) => verdict.clause === clause && verdict.met > 0);
  const occurs = (run: ConformanceRun) =>
    findingsOf({ runs: [run] }, clause).some((finding) => covers(known, finding, run.scenario));
  return met && runs.length > 0 && !runs.some(occurs);
}

function findingsOf({ runs }: Pick<Conformance, 'runs'>, clause: ClauseId): readonly Finding[] {
  return runs.flatMap(({ verdicts }) =>
    verdicts.filter((verdict) => verdict.clause === clause).flatMap(({ findings }) => findings),
  );
}
