import { type JunitCase, junitXml } from '../../report/junit.ts';
import type { Audit, AuditLine } from '../audit.ts';
import { fails, verdictText } from '../verdict.ts';
import { groundsOf, kernelText, sections } from './summary.ts';

/** The audit as JUnit's XML: a suite for each group, a case for each line; what does not apply is skipped. */
export function auditJunit(audit: Audit): string {
  const suites = sections(audit).map(({ title, lines }) => ({ title, cases: lines.map(testCase) }));
  return junitXml(`guestrig audit ${audit.config.file}, ${kernelText(audit)}`, suites);
}

function testCase(line: AuditLine): JunitCase {
  const { name, wanted, verdict } = line;
  return {
    name: `${name} ${wanted}`,
    outcome: fails(verdict) ? 'fail' : verdict.kind === 'not applicable' ? 'skip' : 'pass',
    said: verdictText(verdict),
    grounds: [groundsOf(line), line.why].filter((text) => text !== '').join('; '),
  };
}
