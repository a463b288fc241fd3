import { junit } from '../../report/junit.ts';
import { NO_FINDINGS, NOTHING_ELSE, type Report, type ReportLine } from '../../report/report.ts';
import type { Audit, AuditLine } from '../audit.ts';
import { fails, placeOf, verdictNote, verdictText } from '../verdict.ts';
import { failing, groundsOf, kernelText, sections } from './summary.ts';

/** The audit as lines of a report: what does not apply is unreached. */
export function auditReport(audit: Audit): Report {
  const count = failing(audit).length;
  return {
    ...NOTHING_ELSE,
    name: `guestrig audit ${audit.config.file}, ${kernelText(audit)}`,
    profile: audit.config.architecture,
    lines: sections(audit).flatMap(({ title, lines }) => lines.map((line) => reportLine(title, line))),
    passed: !audit.failed,
    word: audit.failed ? 'fails' : 'passes',
    why: count === 0 ? '' : `${count} to change`,
  };
}

function reportLine(group: string, line: AuditLine): ReportLine {
  const { name, wanted, why, source, verdict } = line;
  const place = placeOf(verdict);
  return {
    ...NO_FINDINGS,
    group,
    name,
    outcome: fails(verdict) ? 'fail' : verdict.kind === 'not applicable' ? 'unreached' : 'pass',
    said: verdictText(verdict),
    rule: { strength: 'MUST', where: source, text: wanted, advice: why },
    place: place === null ? null : { file: place.file, line: place.line, column: 1 },
    grounds: [groundsOf(line), why].filter((text) => text !== '').join('; '),
  };
}

/** The audit as JUnit's XML: a suite for each group, a case for each line; what does not apply is skipped. */
export function auditJunit(audit: Audit): string {
  return junit(auditReport(audit));
}

/** The audit for machines. `schema` grows when a field changes its meaning. */
export function auditJson({ config, lines, failed }: Audit) {
  return {
    schema: 1,
    config: config.file,
    version: config.version.text,
    architecture: config.architecture,
    failed,
    lines: lines.map(({ group, name, wanted, why, source, verdict }) => ({
      group,
      name,
      wanted,
      verdict: verdict.kind,
      text: verdictText(verdict),
      note: verdictNote(verdict),
      fails: fails(verdict),
      at: placeOf(verdict),
      why,
      source,
    })),
  };
}
