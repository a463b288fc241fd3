import { ConformanceError } from '../conformance-error.ts';
import { renderFinding } from '../report/finding.ts';
import { type Conformance, type ConformVerdict, isFailure } from './conformance.ts';
import { circumstances, failureText, type Stop, stoppedIn, stopsOf, unplayedText } from './report/told.ts';

/** What a driver failed by in the suite, as an error; null for nothing. Its stack is where it broke the first clause. */
export function failureInSuite(report: Conformance): ConformanceError | null {
  const { model, verdicts, stopped, conforms } = report;
  if (conforms) return null;
  const failed = verdicts.filter(isFailure);
  const message = [
    `${model} does not conform: ${failureText(report)}`,
    ...failed.map(verdictText),
    ...stopsOf(report).map(stopText),
    ...[unplayedText(report)].filter((text) => text !== null),
  ].join('\n\n');
  const findings = failed.flatMap((verdict) =>
    verdict.findings.filter(({ severity }) => severity !== 'note'),
  );
  return new ConformanceError(findings, stopped[0]?.stopped ?? null, message);
}

/** One finding: those after it often have the same cause. */
function verdictText(verdict: ConformVerdict): string {
  const { clause, findings, note } = verdict;
  if (findings.length === 0) return `${clause}: ${note}`;
  return `${renderFinding(findings[0]!)}\n  ${circumstances(verdict)}`;
}

function stopText(stop: Stop): string {
  return `stopped: ${stop.said}\n  ${stoppedIn(stop)}`;
}
