import type { Finding } from '../core/finding.ts';
import { kindsOf } from '../report/kinds.ts';
import { columns } from '../report/style.ts';
import { CLAUSES } from '../rules/index.ts';

/** The firmware's breaches: a line for each kind of breach of each clause, and how often. */
export function firmwareLines(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const clauses = [...new Set(findings.map(({ clause }) => clause))];
  const kinds = clauses.flatMap((clause) => kindsOf(findings.filter((finding) => finding.clause === clause)));
  const rows = kinds.map(({ first: { clause, subject, said }, count }) => {
    const { strength } = CLAUSES[clause as keyof typeof CLAUSES];
    return [`  ${clause}`, strength, subject, count > 1 ? `${said} (${count} times)` : said];
  });
  return ['Broken by the firmware, which is not judged:', ...columns(rows), ''];
}
