import { type JunitCase, type JunitSuite, junitXml } from '../../report/junit.ts';
import { CLAUSES } from '../../rules/index.ts';
import { checkText, checkVerdicts } from '../checks.ts';
import { fails, type Verdict } from '../verdict.ts';
import { renderFinding } from '../../report/finding.ts';

/**
 * Verdicts as JUnit's XML: a suite for each family of clauses, a case for each clause. A case is skipped if the clause
 * was not reached, was waived, or only a note was broken.
 *
 * @param more suites of your own, before these.
 * @throws MisuseError for what are not verdicts.
 */
export function verdictsJunit(
  name: string,
  verdicts: readonly Verdict[],
  more: readonly JunitSuite[] = [],
): string {
  checkText('name', name);
  const families = new Set(checkVerdicts(verdicts).map(familyOf));
  const suites = [...families].map((title) => ({
    title,
    cases: verdicts.filter((verdict) => familyOf(verdict) === title).map(caseOf),
  }));
  return junitXml(name, [...more, ...suites]);
}

function familyOf({ clause }: Verdict): string {
  return clause.split('/')[0]!;
}

function caseOf(verdict: Verdict): JunitCase {
  const { clause, outcome, note, findings, met } = verdict;
  const name = `${clause} ${CLAUSES[clause].text}`;
  const grounds = findings.map((finding) => renderFinding(finding)).join('\n\n');
  if (fails(verdict)) return { name, outcome: 'fail', said: findings[0]!.said, grounds };
  if (outcome === 'pass') return { name, outcome: 'pass', said: `met ${met} times`, grounds };
  const said = outcome === 'unreached' ? 'not reached' : (note ?? findings[0]?.said ?? outcome);
  return { name, outcome: 'skip', said, grounds };
}
