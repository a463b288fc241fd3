import { checkJudged } from '../conformance/checks.ts';
import { type ConformanceError, failureOf, type Judged, type RulesOption } from '../conformance/failure.ts';
import { renderFinding } from '../conformance/report/verdict-report.ts';
import { MisuseError } from '../core/misuse.ts';
import { ALL_IDS, CLAUSES, type ClauseId, type Finding } from '../rules/index.ts';

/** A matcher's answer to vitest. */
interface Answer {
  readonly pass: boolean;
  message(): string;
}

/** vitest's arguments to a matcher. */
interface Asked {
  readonly isNot?: boolean;
}

/**
 * Checks that a driver broke no MUST and no SHOULD, and completed. The error's stack is the driver's, so that vitest shows
 * its line.
 *
 * @param judged a machine, or the result of `judge` or `conform`.
 * @param options for a machine: `rules` is the version by whose rules it is judged. Default: all.
 */
export function toConform(this: Asked, judged: Judged, options: RulesOption = {}): Answer {
  checkJudged('toConform', judged);
  const failure: ConformanceError | null = failureOf(judged, options);
  if (failure !== null && !this.isNot) throw failure;
  return { pass: failure === null, message: () => 'the driver broke no clause, and it was to break one' };
}

/** Checks that a driver broke this clause, waived or not. */
export function toHaveBroken(judged: Judged, clause: ClauseId): Answer {
  checkJudged('toHaveBroken', judged);
  if (!Object.hasOwn(CLAUSES, clause))
    throw new MisuseError('toHaveBroken', clause, 'a clause of the catalogue', ALL_IDS);
  const findings = findingsOf(judged);
  const its = findings.filter((finding) => finding.clause === clause);
  const others = findings.map((finding) => `\n\n${renderFinding(finding)}`).join('');
  return {
    pass: its.length > 0,
    message: () =>
      its.length > 0
        ? `the driver broke ${clause}:\n\n${renderFinding(its[0]!)}`
        : `the driver did not break ${clause}${others && `, but:${others}`}`,
  };
}

function findingsOf(judged: Judged): readonly Finding[] {
  return 'verdicts' in judged ? judged.verdicts.flatMap(({ findings }) => findings) : judged.findings;
}
