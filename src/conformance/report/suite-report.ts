import { visible } from '../../core/visible.ts';
import { placeOf, placeOfError, stackOf } from '../../report/place.ts';
import {
  countText,
  NO_FINDINGS,
  type Report,
  type ReportLine,
  type RuleLine,
  type Skip,
  type Stop,
} from '../../report/report.ts';
import { isHard } from '../../rules/hard.ts';
import { CLAUSES } from '../../rules/index.ts';
import { type Conformance, type ConformVerdict, isFailure, toldOf } from '../suite/conformance.ts';
import type { ConformanceRun } from '../suite/play.ts';
import type { Turn } from '../suite/run-filter.ts';
import type { Waiver } from '../waivers.ts';
import { byJson, companionsOf, familyOf, newsOf, saidOf, underText } from './verdict-report.ts';

/** The report of a driver in the suite. */
export function suiteReport(report: Conformance, root: string): Report {
  const { model, profile, rules, seeds, conforms, hard, warnings, gone } = report;
  const seed = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
  return {
    name: model,
    profile,
    rules,
    played: `${countText(scenariosOf(report).length)}, ${seed}`,
    passed: conforms && hard !== false,
    ...outcomeOf(report),
    lines: [...scenarioLines(report, root), ...toldOf(report).map((verdict) => clauseLine(verdict, report))],
    stops: stopsOf(report, root),
    skips: skipsOf(report),
    unplayed: unplayedText(report),
    warnings: [...warnings, ...gone.map(goneText)],
    root,
  };
}

/** The report for programs. `schema` grows when a field changes its meaning. */
export function suiteJson(report: Conformance, root: string) {
  const { model, profile, rules, seeds, conforms, hard, verdicts, stopped, waived } = report;
  const { skipped, unplayed, gone, warnings } = report;
  return {
    ...byJson(rules),
    model,
    profile,
    seeds,
    scenarios: scenariosOf(report),
    conforms,
    hard,
    verdicts: verdicts.map(({ findings, ...verdict }) => ({
      ...verdict,
      ...(newsOf(verdict.clause) === null ? {} : { new: true }),
      findings: findings.map((finding) => ({ ...finding, place: placeOf(finding.stack, root) })),
    })),
    stopped: stopped.map(({ scenario, seed, stopped: thrown, suspected }) => ({
      scenario,
      seed,
      said: String(thrown),
      suspected,
      place: placeOfError(thrown, root),
    })),
    waived,
    skipped,
    unplayed,
    gone,
    warnings,
  };
}

/** Of a clause, told or not. */
export function clauseLine(verdict: ConformVerdict, report: Conformance): RuleLine {
  const { clause, outcome, findings, under, scenario, seed, scenarios } = verdict;
  const news = newsOf(clause);
  const about =
    findings.length === 0
      ? []
      : [
          circumstances(verdict, report),
          ...(news === null ? [] : [news]),
          ...companionsOf(clause, report.verdicts),
        ];
  return {
    ...NO_FINDINGS,
    group: familyOf(clause),
    name: clause,
    outcome,
    said: saidOf(verdict),
    rule: CLAUSES[clause],
    news,
    findings,
    about,
    under: under === null ? null : underText(under),
    run: findings.length === 0 ? null : { scenario: scenario!, seed: seed! },
    scenarios,
  };
}

/** Every scenario once, played or not. */
function scenarioLines(report: Conformance, root: string): ReportLine[] {
  const line = { ...NO_FINDINGS, group: 'scenarios' };
  const skipped = report.skipped.map(({ scenario, reason }) => ({
    ...line,
    name: scenario,
    outcome: 'skipped' as const,
    said: reason,
  }));
  return [
    ...scenariosOf(report).map((name) => ({ ...line, name, ...scenarioOutcome(name, report, root) })),
    ...skipped,
  ];
}

type ScenarioOutcome = Pick<ReportLine, 'outcome' | 'said' | 'grounds' | 'place'>;

function scenarioOutcome(
  name: string,
  { runs, stopped, waived }: Conformance,
  root: string,
): ScenarioOutcome {
  const played = runs.filter(({ scenario }) => scenario === name);
  const failed = stopped.filter(({ scenario }) => scenario === name);
  const known = waived.find(({ scenario }) => scenario === name);
  const none = { grounds: '', place: null };
  if (played.length === 0) return { ...none, outcome: 'unplayed', said: UNPLAYED };
  if (known !== undefined) return { ...none, outcome: 'waived', said: known.reason };
  const [first] = failed;
  if (first === undefined) return { ...none, outcome: 'pass', said: `played ${played.length} times` };
  return {
    outcome: 'fail',
    said: String(first.stopped),
    grounds: failed.map((run) => `seed ${run.seed}: ${run.stopped}`).join('\n'),
    place: placeOfError(first.stopped, root),
  };
}

/** The reasons why a driver stopped, each once with each clause that is suspected. */
function stopsOf({ stopped }: Conformance, root: string): Stop[] {
  const keyOf = (run: ConformanceRun) => `${run.stopped}\n${run.suspected}`;
  return [...new Set(stopped.map(keyOf))].map((key) => {
    const runs = stopped.filter((run) => keyOf(run) === key);
    const [{ scenario, seed, stopped: thrown, suspected }] = runs as [ConformanceRun];
    return {
      said: String(thrown),
      where: `in ${runsText(runs)}`,
      suspected,
      place: placeOfError(thrown, root),
      stack: stackOf(thrown),
      run: { scenario, seed },
    };
  });
}

/** Why scenarios were not played, each reason once. */
export function skipsOf({ skipped }: Pick<Conformance, 'skipped'>): Skip[] {
  return [...new Set(skipped.map(({ reason }) => reason))].map((reason) => ({
    reason,
    scenarios: skipped.filter((one) => one.reason === reason).map(({ scenario }) => scenario),
  }));
}

/** `in 14 of 21 scenarios, first in "a machine whose power fails", seed 3; 40 times in all` */
function circumstances(verdict: ConformVerdict, report: Conformance): string {
  const { scenario, seed, broken, scenarios } = verdict;
  const all = scenariosOf(report).length;
  const how = all === 1 ? 'in' : `in ${scenarios.length} of ${all} scenarios, first in`;
  return `${how} "${visible(scenario!)}", seed ${seed}${broken > 1 ? `; ${broken} times in all` : ''}`;
}

function runsText(turns: readonly (Turn | ConformanceRun)[]): string {
  const [{ scenario, seed }] = turns as readonly [Turn];
  const more = turns.length - 1;
  const rest = more === 0 ? '' : `, and ${more} more ${more === 1 ? 'run' : 'runs'}`;
  return `"${visible(scenario)}", seed ${seed}${rest}`;
}

function goneText(known: Waiver): string {
  const what = known.clause === undefined ? `the stop in "${visible(known.stopped!)}"` : subjectText(known);
  return `${what} is known, and is no more: take it out of the baseline`;
}

function subjectText({ clause, subject }: Waiver): string {
  return subject === undefined ? clause! : `${clause} of ${visible(subject)}`;
}

/** `conforms`, or that it does not, and why; with devices that lie, how the driver bears them. */
function outcomeOf(report: Conformance): Pick<Report, 'word' | 'why'> {
  const lies = liesText(report);
  if (report.conforms) return { word: `conforms${lies}`, why: '' };
  return { word: 'does not conform', why: `${failureText(report)}${lies}` };
}

/** `, and falls for 3 of 39 lies`; empty if none were asked for. */
function liesText({ verdicts, hard }: Conformance): string {
  if (hard === null) return '';
  const told = verdicts.filter(({ clause, met }) => isHard(clause) && met > 0);
  const lies = `${told.length} ${told.length === 1 ? 'lie' : 'lies'}`;
  return hard ? `, and bears ${lies}` : `, and falls for ${told.filter(isFailure).length} of ${lies}`;
}

/** `3 clauses fail, 1 run stopped, 20 runs not played` */
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
function unplayedText({ unplayed }: Conformance): string | null {
  if (unplayed.length === 0) return null;
  const were = unplayed.length === 1 ? 'was' : 'were';
  return `${runsText(unplayed)} ${were} not played: ${UNPLAYED}`;
}

/** The reason why runs were left out. */
const UNPLAYED = 'the driver did not end in those before';

/** Every scenario of the report once, played or not. */
export function scenariosOf({ runs, unplayed }: Pick<Conformance, 'runs' | 'unplayed'>): string[] {
  return [...new Set([...runs, ...unplayed].map(({ scenario }) => scenario))];
}

function counted(count: number, one: string, several: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
}
