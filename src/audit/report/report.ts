import { version } from '../../core/version.ts';
import { visible } from '../../core/visible.ts';
import { junit } from '../../report/junit.ts';
import { NO_FINDINGS, NOTHING_ELSE, type Report, type ReportLine } from '../../report/report.ts';
import { styleFor } from '../../report/style.ts';
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
    rules: null,
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
    rule: { strength: 'MUST', where: source, text: `MUST be ${wanted}.`, advice: why },
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
    guestrig: version(),
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

/** The audit as a person reads it; `color` for a terminal. */
export function renderAudit(audit: Audit, { color }: { readonly color: boolean }): string {
  const { bold, bad, dim } = styleFor(color);
  const widths = [
    Math.max(...audit.lines.map(({ name }) => name.length)),
    Math.max(...audit.lines.map(({ wanted }) => wanted.length)),
    Math.max(...audit.lines.map(({ verdict }) => verdictText(verdict).length)),
  ] as const;
  const row = (line: AuditLine): string => {
    const { name, wanted, verdict } = line;
    const mark = fails(verdict) ? 'FAIL' : '    ';
    const cells = [name.padEnd(widths[0]), wanted.padEnd(widths[1]), verdictText(verdict).padEnd(widths[2])];
    const text = visible(`  ${mark}  ${cells.join('  ')}  ${groundsOf(line)}`.trimEnd());
    return fails(verdict) ? bad(text) : verdict.kind === 'not applicable' ? dim(text) : text;
  };
  return [
    `${bold(`guestrig ${version()} audit`)}  ${visible(`${audit.config.file}, ${kernelText(audit)}`)}`,
    ...sections(audit).flatMap(({ title, tally, lines }) => [
      '',
      bold(`${title}   ${tally}`),
      ...lines.map(row),
    ]),
    '',
    conclusion(audit),
    '',
  ].join('\n');
}

function conclusion(audit: Audit): string {
  const wrong = failing(audit);
  if (wrong.length === 0) return 'Nothing is missing and nothing contradicts.';
  const reasons = wrong.map(({ name, why }) => visible(`  ${name}: ${why}`));
  return [`${wrong.length} to change (--fix prints how):`, ...reasons].join('\n');
}

/** The audit as a page: a table for each group. */
export function auditMarkdown(audit: Audit): string {
  const tables = sections(audit).map(({ title, tally, lines }) => {
    const rows = lines.map((line) => {
      const verdict = verdictText(line.verdict);
      const shown = fails(line.verdict) ? `**${verdict}**` : verdict;
      return `| \`${cell(line.name)}\` | ${line.wanted} | ${cell(shown)} | ${cell(groundsOf(line))} |`;
    });
    return [
      `## ${title}`,
      '',
      tally,
      '',
      '| line | wanted | verdict | read from |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
  });
  return `${[`# ${cell(audit.config.file)}${cell(`: ${kernelText(audit)}`)}`, ...tables, `By guestrig ${version()}.`].join('\n\n')}\n`;
}

/** In a table of Markdown. */
export function cell(text: string): string {
  return visible(text).replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
