import { match } from 'ts-pattern';
import type { Audit, AuditLine } from '../audit.ts';
import { fails, verdictText } from '../verdict.ts';
import { failing, groundsOf, kernelText, sections } from './summary.ts';

/** The audit as JUnit's XML: a suite for each group, a case for each line; what does not apply is skipped. */
export function auditJunit(audit: Audit): string {
  const suites = sections(audit).flatMap(({ title, lines }) => [
    `  <testsuite name="${escaped(title)}" ${counts(lines)}>`,
    ...lines.map((line) => testCase(title, line)),
    '  </testsuite>',
  ]);
  const name = escaped(`guestrig audit ${audit.config.file}, ${kernelText(audit)}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" tests="${audit.lines.length}" failures="${failing(audit).length}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(lines: readonly AuditLine[]): string {
  const failures = lines.filter(({ verdict }) => fails(verdict)).length;
  const skipped = lines.filter(({ verdict }) => verdict.kind === 'not applicable').length;
  return `tests="${lines.length}" failures="${failures}" skipped="${skipped}"`;
}

function testCase(suite: string, line: AuditLine): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(`${line.name} ${line.wanted}`)}"`;
  const said = escaped(verdictText(line.verdict));
  const grounds = escaped([groundsOf(line), line.why].filter((text) => text !== '').join('; '));
  return match(line.verdict)
    .with(
      { kind: 'missing' },
      { kind: 'contradicts' },
      () => `${head}><failure message="${said}">${grounds}</failure></testcase>`,
    )
    .with({ kind: 'not applicable' }, () => `${head}><skipped message="${said}"/></testcase>`)
    .otherwise(() => `${head}><system-out>${said}; ${grounds}</system-out></testcase>`);
}

/** XML has no place for most control characters, escaped or not. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '�');
}
