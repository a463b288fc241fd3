import { columns } from '../conformance/report/style.ts';
import type { Finding } from '../core/finding.ts';
import { CLAUSES } from '../rules/index.ts';

/** What is not the system's doing: a line for each clause, and how often. */
export function firmwareLines(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const rows = [...countsOf(findings)].map(([{ clause, subject, said }, count]) => {
    const { strength } = CLAUSES[clause as keyof typeof CLAUSES];
    return [`  ${clause}`, strength, subject, count > 1 ? `${said} (${count} times)` : said];
  });
  return ['Broken by the firmware, which is not judged:', ...columns(rows), ''];
}

/** The first finding of each clause, with how many there are. */
function countsOf(findings: readonly Finding[]): Map<Finding, number> {
  const of = (clause: string) => findings.filter((finding) => finding.clause === clause);
  const firsts = findings.filter((finding) => of(finding.clause)[0] === finding);
  const timesOf = ({ clause }: Finding) => of(clause).reduce((sum, { count }) => sum + count, 0);
  return new Map(firsts.map((finding) => [finding, timesOf(finding)]));
}
