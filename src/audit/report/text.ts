import { styleText } from 'node:util';
import { visible } from '../../core/visible.ts';
import type { Audit, AuditLine } from '../audit.ts';
import { fails, verdictText } from '../verdict.ts';
import { failing, groundsOf, kernelText, sections } from './summary.ts';

/** The audit as a person reads it; `color` for a terminal. */
export function renderAudit(audit: Audit, options: { readonly color: boolean }): string {
  const paint = (format: 'bold' | 'red' | 'dim', text: string): string =>
    options.color ? styleText(format, text, { validateStream: false }) : text;
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
    return fails(verdict)
      ? paint('red', text)
      : verdict.kind === 'not applicable'
        ? paint('dim', text)
        : text;
  };
  return [
    `${paint('bold', 'guestrig audit')}  ${visible(`${audit.config.file}, ${kernelText(audit)}`)}`,
    ...sections(audit).flatMap(({ title, tally, lines }) => [
      '',
      paint('bold', `${title}   ${tally}`),
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
