import { visible } from '../../core/visible.ts';
import type { Audit } from '../audit.ts';
import { fails, verdictText } from '../verdict.ts';
import { groundsOf, kernelText, sections } from './summary.ts';

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
  return `${[`# ${cell(audit.config.file)}${cell(`: ${kernelText(audit)}`)}`, ...tables].join('\n\n')}\n`;
}

function cell(text: string): string {
  return visible(text).replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
