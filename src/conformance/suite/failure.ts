import { ConformanceError } from '../conformance-error.ts';
import { renderFinding } from '../report/finding.ts';
import { type Conformance, type ConformVerdict, isFailure } from './conformance.ts';
import type { ConformanceRun } from './play.ts';

/** What a driver failed by in the suite, as an error; null for nothing. Its stack is where it broke the first clause. */
export function failureInSuite({ model, verdicts, stopped, conforms }: Conformance): ConformanceError | null {
  if (conforms) return null;
  const failed = verdicts.filter(isFailure);
  const counts = [
    ...counted(failed.length, 'clause fails', 'clauses fail'),
    ...counted(stopped.length, 'run stopped', 'runs stopped'),
  ];
  const message = [
    `${model} does not conform: ${counts.join(', ')}`,
    ...failed.map(verdictText),
    ...stopped.map(stopText),
  ].join('\n\n');
  const findings = failed.flatMap((verdict) =>
    verdict.findings.filter(({ severity }) => severity !== 'note'),
  );
  return new ConformanceError(findings, stopped[0]?.stopped ?? null, message);
}

function counted(count: number, one: string, several: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
}

/** One finding: those after it often have the same cause. */
function verdictText({ clause, findings, note, broken, scenario, seed }: ConformVerdict): string {
  if (findings.length === 0) return `${clause}: ${note}`;
  const more = broken > 1 ? `; ${broken} times in all` : '';
  return `${renderFinding(findings[0]!)}\n  in "${scenario}", seed ${seed}${more}`;
}

function stopText({ scenario, seed, stopped }: ConformanceRun): string {
  return `"${scenario}", seed ${seed}, stopped: ${stopped}`;
}
