import type { Machine } from '../machine/machine.ts';
import type { Finding } from '../rules/index.ts';
import { checkJudged } from './checks.ts';
import type { Judgement } from './judge.ts';
import { renderFinding } from './report/finding.ts';
import { fails } from './verdict.ts';

/** A driver broke clauses, or did not come to its end. Its stack is the driver's own: where it broke the first of them. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  /** Of MUST and SHOULD, the oldest first. */
  readonly findings: readonly Finding[];

  /** @param stopped what the driver threw, if it did: it becomes the `cause`. */
  constructor(findings: readonly Finding[], stopped: unknown = null) {
    super(messageOf(findings, stopped), stopped === null ? undefined : { cause: stopped });
    this.findings = findings;
    const frames = findings[0]?.stack;
    if (frames) this.stack = `${this.name}: ${this.message}\n${frames}`;
  }
}

/**
 * Throws if a driver broke a MUST or a SHOULD.
 *
 * @param judged a machine that it drove, or what `judge` gave.
 *
 * @example
 * const machine = gceN1();
 * machine.attach(myNet).send(new Uint8Array(60));
 * assertConforms(machine);         // ConformanceError, with each finding in words and the driver's stack
 *
 * @throws ConformanceError, and MisuseError for what is neither.
 */
export function assertConforms(judged: Machine | Judgement): void {
  const failure = failureOf(judged);
  if (failure !== null) throw failure;
}

/** What `assertConforms` would throw; null for nothing. What a waiver covers fails nobody, nor does a note. */
export function failureOf(judged: Machine | Judgement): ConformanceError | null {
  checkJudged('judged', judged);
  if (!('verdicts' in judged)) return failureOfFindings(judged.findings);
  const findings = judged.verdicts.filter(fails).flatMap((verdict) => verdict.findings);
  return failureOfFindings(findings, judged.stopped);
}

/** What these findings amount to, and what stopped the driver; null for nothing. */
export function failureOfFindings(
  findings: readonly Finding[],
  stopped: unknown = null,
): ConformanceError | null {
  const grave = findings.filter(({ severity }) => severity !== 'note').sort((a, b) => a.at - b.at);
  return grave.length === 0 && stopped === null ? null : new ConformanceError(grave, stopped);
}

/** The first finding of each clause in full: those after it often have the same cause. */
function messageOf(findings: readonly Finding[], stopped: unknown): string {
  const clauses = [...new Set(findings.map(({ clause }) => clause))];
  const said = [
    ...(stopped === null ? [] : [`the driver did not come to its end: ${stopped}`]),
    ...(clauses.length === 0
      ? []
      : [`the driver broke ${clauses.length} ${clauses.length === 1 ? 'clause' : 'clauses'}`]),
  ];
  const told = clauses.map((clause) => clauseText(findings.filter((finding) => finding.clause === clause)));
  return [said.join('; '), ...told].join('\n\n');
}

function clauseText([first, ...others]: readonly Finding[]): string {
  const more = others.reduce((sum, { count }) => sum + count, 0);
  return renderFinding(first!) + (more === 0 ? '' : `\n  … and ${more} more of this clause`);
}
