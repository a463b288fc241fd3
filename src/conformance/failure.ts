import type { Machine } from '../machine/machine.ts';
import type { Finding } from '../rules/index.ts';
import { checkJudged } from './checks.ts';
import { ConformanceError } from './conformance-error.ts';
import type { Judgement } from './judge.ts';
import type { Conformance } from './suite/conformance.ts';
import { failureInSuite } from './suite/failure.ts';
import { fails } from './verdict.ts';

/** What a driver did: on a machine, when it was judged, in the whole suite. */
export type Judged = Machine | Judgement | Conformance;

/**
 * Throws if a driver broke a MUST or a SHOULD. What a machine's driver left undone is judged as it is then.
 *
 * @param judged a machine that it drove, or what `judge` or `conform` gave.
 *
 * @example
 * const machine = gceN1();
 * machine.attach(myNet).send(new Uint8Array(60));
 * assertConforms(machine);         // ConformanceError, with each finding in words and the driver's stack
 *
 * @throws ConformanceError, and MisuseError for what is neither.
 */
export function assertConforms(judged: Judged): void {
  const failure = failureOf(judged);
  if (failure !== null) throw failure;
}

/** What `assertConforms` would throw; null for nothing. What a waiver covers fails nobody, nor does a note. */
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

/** What these findings amount to, and what stopped the driver; null for nothing. */
export function failureOfFindings(
  findings: readonly Finding[],
  stopped: unknown = null,
): ConformanceError | null {
  const grave = findings.filter(({ severity }) => severity !== 'note').sort((a, b) => a.at - b.at);
  return grave.length === 0 && stopped === null ? null : new ConformanceError(grave, stopped);
}
