import { MisuseError } from '../core/misuse.ts';
import type { Machine } from '../machine/machine.ts';
import { findingsText } from '../report/finding.ts';
import { otherKinds } from '../report/kinds.ts';
import { headsOf, outcomeText, type Report, type RuleLine, suspectLines } from '../report/report.ts';
import { PLAIN } from '../report/style.ts';
import type { Finding } from '../rules/index.ts';
import { checkedSet, hasClause, newestSet } from '../rules/sets.ts';
import { checkJudged } from './checks.ts';
import { suiteReport } from './report/suite-report.ts';
import { renderFinding } from './report/verdict-report.ts';
import type { Conformance } from './suite/conformance.ts';
import type { Judgement } from './suite/judge.ts';
import { fails } from './verdict.ts';
import type { NameOptions } from './waivers.ts';

/** By which rules a machine is judged. */
export type RulesOption = Pick<NameOptions, 'rules'>;

/** The result of a driver: a machine, a judgement, or the whole suite's. */
export type Judged = Machine | Judgement | Conformance;

/** A driver broke clauses, or did not finish. Its stack is the driver's own: where it broke the first of them. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  /** Of MUST and SHOULD, the oldest first. */
  readonly findings: readonly Finding[];

  /**
   * @param stopped the driver's error, if it threw one: it becomes the `cause`.
   * @param message if it differs from that of one run's findings.
   */
  constructor(
    findings: readonly Finding[],
    stopped: unknown = null,
    message: string = messageOf(findings, stopped),
  ) {
    super(message, stopped === null ? undefined : { cause: stopped });
    this.findings = findings;
    const frames = findings[0]?.stack;
    if (frames) this.stack = `${this.name}: ${this.message}\n${frames}`;
  }
}

/**
 * Throws if a driver broke a MUST or a SHOULD. For a machine, what its driver has not done by then counts.
 *
 * @param judged a machine that it drove, or the result of `judge` or `conform`.
 * @param options for a machine: `rules` is the version by whose rules it is judged. Default: all.
 *
 * @example
 * const machine = gceN1();
 * machine.attach(myNet).send(new Uint8Array(60));
 * assertConforms(machine);         // ConformanceError, with each finding in words and the driver's stack
 *
 * @throws ConformanceError, and MisuseError for any other value.
 */
export function assertConforms(judged: Judged, options: RulesOption = {}): void {
  const failure = failureOf(judged, options);
  if (failure !== null) throw failure;
}

/** The error that `assertConforms` would throw; null for none. Waived clauses and notes do not fail. */
export function failureOf(judged: Judged, { rules }: RulesOption = {}): ConformanceError | null {
  checkJudged('judged', judged);
  if (rules !== undefined && 'verdicts' in judged)
    throw new MisuseError('options.rules', rules, '', 'is an option of judge and conform, which gave this');
  if ('runs' in judged) return failureInSuite(judged);
  if (!('verdicts' in judged)) {
    const set = rules === undefined ? newestSet() : checkedSet('options.rules', rules);
    judged.journal.end();
    return failureOfFindings(judged.findings.filter(({ clause }) => hasClause(set, clause)));
  }
  const findings = judged.verdicts.filter(fails).flatMap((verdict) => verdict.findings);
  return failureOfFindings(findings, judged.stopped, judged.suspected);
}

/** The error for these findings, and for an error that stopped the driver; null for none. */
export function failureOfFindings(
  findings: readonly Finding[],
  stopped: unknown = null,
  suspected: string | null = null,
): ConformanceError | null {
  const grave = findings.filter(({ severity }) => severity !== 'note').sort((a, b) => a.at - b.at);
  if (grave.length === 0 && stopped === null) return null;
  return new ConformanceError(grave, stopped, messageOf(grave, stopped, suspected));
}

/** The failure of one line of a report. */
export function failureOfLine(line: RuleLine): ConformanceError {
  return new ConformanceError(line.findings as readonly Finding[], null, lineText(line));
}

/** Its stack is where the driver broke the first clause. */
function failureInSuite(conformance: Conformance): ConformanceError | null {
  const report = suiteReport(conformance, '/');
  if (report.passed) return null;
  const findings = headsOf(report).flatMap((line) => line.findings as readonly Finding[]);
  return new ConformanceError(findings, conformance.stopped[0]?.stopped ?? null, suiteText(report));
}

function suiteText(report: Report): string {
  const { stops, unplayed } = report;
  return [
    outcomeText(report),
    ...headsOf(report).map(lineText),
    ...stops.map((stop) => [`stopped: ${stop.said}`, ...suspectLines(stop), stop.where].join('\n  ')),
    ...(unplayed === null ? [] : [unplayed]),
  ].join('\n\n');
}

/** One finding in full: those after it often have the same cause. */
function lineText({ name, said, rule, findings, about }: RuleLine): string {
  if (findings.length === 0) return `${name}: ${said}`;
  return [findingsText(findings, rule, PLAIN), ...about.map((line) => `  ${line}`)].join('\n');
}

/** Of one run: the first finding of each clause in full. */
function messageOf(findings: readonly Finding[], stopped: unknown, suspected: string | null = null): string {
  const clauses = [...new Set(findings.map(({ clause }) => clause))];
  const said = [
    ...(stopped === null ? [] : [`the driver did not come to its end: ${stopped}`]),
    ...(clauses.length === 0
      ? []
      : [`the driver broke ${clauses.length} ${clauses.length === 1 ? 'clause' : 'clauses'}`]),
  ];
  const told = clauses.map((clause) => clauseText(findings.filter((finding) => finding.clause === clause)));
  const head = [said.join('; '), ...suspectLines({ suspected })].join('\n  ');
  return [head, ...told].join('\n\n');
}

function clauseText(findings: readonly Finding[]): string {
  const [first, ...others] = findings;
  const more = others.reduce((sum, { count }) => sum + count, 0);
  const kinds = otherKinds(findings).map((line) => `\n  ${line}`);
  return [renderFinding(first!), ...kinds, more === 0 ? '' : `\n  … and ${more} more of this clause`].join(
    '',
  );
}
