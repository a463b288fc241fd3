import { ConformanceError } from '../conformance-error.ts';
import { findingsText } from '../report/finding.ts';
import { styleFor } from '../report/style.ts';
import type { Conformance, ConformVerdict } from './conformance.ts';
import {
  circumstances,
  companionsOf,
  headsOf,
  outcomeText,
  type Stop,
  stoppedIn,
  stopsOf,
  unplayedText,
} from './report/summary.ts';

/** The failure of a driver in the suite, as an error; null for none. Its stack is where it broke the first clause. */
export function failureInSuite(report: Conformance): ConformanceError | null {
  const { model, stopped, conforms, hard } = report;
  if (conforms && hard !== false) return null;
  const failed = headsOf(report);
  const message = [
    `${model} ${outcomeText(report)}`,
    ...failed.map((verdict) => verdictText(verdict, report)),
    ...stopsOf(report).map(stopText),
    ...[unplayedText(report)].filter((text) => text !== null),
  ].join('\n\n');
  const findings = failed.flatMap((verdict) =>
    verdict.findings.filter(({ severity }) => severity !== 'note'),
  );
  return new ConformanceError(findings, stopped[0]?.stopped ?? null, message);
}

/** The same of one clause alone. */
export function failureBy(verdict: ConformVerdict, report: Conformance): ConformanceError {
  return new ConformanceError(verdict.findings, null, verdictText(verdict, report));
}

/** One finding in full: those after it often have the same cause. */
function verdictText(verdict: ConformVerdict, report: Conformance): string {
  const { clause, findings, note } = verdict;
  if (findings.length === 0) return `${clause}: ${note}`;
  const lines = [circumstances(verdict, report), ...companionsOf(verdict, report)];
  return [findingsText(findings, styleFor(false)), ...lines.map((line) => `  ${line}`)].join('\n');
}

function stopText(stop: Stop): string {
  return `stopped: ${stop.said}\n  ${stoppedIn(stop)}`;
}
