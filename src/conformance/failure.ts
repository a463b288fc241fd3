import type { Machine } from '../machine/machine.ts';
import type { Finding } from '../rules/index.ts';
import { checkJudged } from './checks.ts';
import { ConformanceError } from './conformance-error.ts';
import type { Judgement } from './suite/judge.ts';
import type { Conformance } from './suite/conformance.ts';
import { failureInSuite } from './suite/failure.ts';
import { fails } from './verdict.ts';

/** The result of a driver: a machine, a judgement, or the whole suite's. */
export type Judged = Machine | Judgement | Conformance;

/**
 * Throws if a driver broke a MUST or a SHOULD. For a machine, what its driver has not done by then counts.
 *
 * @param judged a machine that it drove, or the result of `judge` or `conform`.
 *
 * @example
 * const machine = gceN1();
 * machine.attach(myNet).send(new Uint8Array(60));
 * assertConforms(machine);         // ConformanceError, with each finding in words and the driver's stack
 *
 * @throws ConformanceError, and MisuseError for any other value.
 */
export function assertConforms(judged: Judged): void {
  const failure = failureOf(judged);
  if (failure !== null) throw failure;
}

/** The error that `assertConforms` would throw; null for none. Waived clauses and notes do not fail. */
export function failureOf(judged: Judged): ConformanceError | null {
  checkJudged('judged', judged);
  if ('runs' in judged) return failureInSuite(judged);
  if (!('verdicts' in judged)) {
    judged.journal.end();
    return failureOfFindings(judged.findings);
  }
  const findings = judged.verdicts.filter(fails).flatMap((verdict) => verdict.findings);
  return failureOfFindings(findings, judged.stopped);
}

/** The error for these findings, and for an error that stopped the driver; null for none. */
export function failureOfFindings(
  findings: readonly Finding[],
  stopped: unknown = null,
): ConformanceError | null {
  const grave = findings.filter(({ severity }) => severity !== 'note').sort((a, b) => a.at - b.at);
  return grave.length === 0 && stopped === null ? null : new ConformanceError(grave, stopped);
}
