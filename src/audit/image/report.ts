import { version } from '../../core/version.ts';
import { visible } from '../../core/visible.ts';
import { NO_FINDINGS, NOTHING_ELSE, type Report } from '../../report/report.ts';
import { styleFor } from '../../report/style.ts';
import { auditJson, cell } from '../report/report.ts';
import { groundsOf, kernelText, sections } from '../report/summary.ts';
import { fails, verdictText } from '../verdict.ts';
import { type ImageReport, isDecisive } from './image.ts';
import { type ImageGroup, type ImageOutcome, TITLES } from './line.ts';

/** A line of either kind: of the image, or of the audit of its kernel. */
interface Row {
  readonly name: string;
  readonly outcome: ImageOutcome;
  /** What it is judged by, for lines of the audit: the verdict in words. */
  readonly verdict: string;
  readonly cause: string;
  readonly mend: string;
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const GIB = 2 ** 30;
const WORDS: Readonly<Record<ImageOutcome, string>> = {
  pass: 'hold',
  fail: 'fail',
  noted: 'noted',
  unreached: 'not judged',
};
const MARKS: Readonly<Record<ImageOutcome, string>> = {
  pass: '    ',
  fail: 'FAIL',
  noted: 'note',
  unreached: '  ? ',
};

function sectionsOf(report: ImageReport): Section[] {
  const of = (group: ImageGroup): Section => ({
    title: TITLES[group],
    rows: report.lines.filter((line) => line.group === group).map((line) => ({ ...line, verdict: '' })),
  });
  return [
    of('upload'),
    of('disk'),
    of('kernel'),
    ...auditSections(report),
    of('guest'),
    of('features'),
  ].filter(({ rows }) => rows.length > 0);
}

function auditSections({ audit }: ImageReport): Section[] {
  if (audit === null) return [];
  return sections(audit).map(({ title, lines }) => ({
    title: `${title}: ${audit.config.file}`,
    rows: lines.map((line) => {
      const isWrong = fails(line.verdict);
      const bad = isDecisive(line) ? ('fail' as const) : ('noted' as const);
      return {
        name: line.name,
        outcome: isWrong ? bad : line.verdict.kind === 'not applicable' ? 'unreached' : 'pass',
        verdict: verdictText(line.verdict),
        cause: groundsOf(line),
        mend: isWrong ? `it must be ${line.wanted}: ${line.why}` : '',
      };
    }),
  }));
}

/** The image as lines of a report, for a CI. */
export function imageReport(report: ImageReport): Report {
  const all = sectionsOf(report);
  const count = all.flatMap(({ rows }) => rows).filter(({ outcome }) => outcome === 'fail').length;
  return {
    ...NOTHING_ELSE,
    name: `guestrig image ${report.path}`,
    profile: report.audit?.config.architecture ?? 'image',
    rules: null,
    lines: all.flatMap(({ title, rows }) =>
      rows.map(({ name, outcome, verdict, cause, mend }) => ({
        ...NO_FINDINGS,
        group: title,
        name,
        outcome,
        said: verdict === '' ? cause : verdict,
        rule: {
          strength: outcome === 'noted' ? 'NOTE' : 'MUST',
          where: 'docs/images.md',
          text: `${name}.`,
          advice: mend,
        } as const,
        grounds: [cause, mend].filter((text) => text !== '').join('; '),
      })),
    ),
    passed: !report.failed,
    word: report.failed ? 'fails' : 'passes',
    why: count === 0 ? '' : `${count} to mend`,
  };
}

/** The image for machines. `schema` grows when a field changes its meaning. */
export function imageJson(report: ImageReport) {
  const { path, size, lines, audit, command, failed } = report;
  return {
    schema: 1,
    guestrig: version(),
    image: path,
    size,
    failed,
    lines: lines.map(({ group, name, outcome, cause, mend }) => ({
      group,
      name,
      verdict: outcome,
      cause,
      mend,
    })),
    kernel: audit === null ? null : auditJson(audit),
    command,
  };
}

/** The image as a person reads it; `color` for a terminal. */
export function renderImage(report: ImageReport, { color }: { readonly color: boolean }): string {
  const { bold, bad, dim } = styleFor(color);
  const all = sectionsOf(report);
  const section = ({ title, rows }: Section): string[] => {
    const width = (key: 'name' | 'verdict') => Math.max(...rows.map((row) => row[key].length));
    const text = ({ name, outcome, verdict, cause }: Row) => {
      const cells = [
        name.padEnd(width('name')),
        ...(width('verdict') === 0 ? [] : [verdict.padEnd(width('verdict'))]),
        cause,
      ];
      const plain = visible(`  ${MARKS[outcome]}  ${cells.join('  ')}`.trimEnd());
      if (outcome === 'fail') return bad(plain);
      return outcome === 'unreached' ? dim(plain) : plain;
    };
    return ['', bold(`${visible(title)}   ${tally(rows)}`), ...rows.map(text)];
  };
  return [
    `${bold(`guestrig ${version()} image`)}  ${visible(subject(report))}`,
    ...all.flatMap(section),
    '',
    ...conclusion(all, report),
    '',
  ].join('\n');
}

/** `disk.raw, 10 GiB, Linux 6.12.1, x86_64`. */
function subject({ path, size, audit }: ImageReport): string {
  const parts = [
    path,
    size === null ? '' : `${Number((size / GIB).toFixed(2))} GiB`,
    audit === null ? '' : kernelText(audit),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function tally(rows: readonly Row[]): string {
  return (Object.keys(WORDS) as ImageOutcome[])
    .map((outcome) => [rows.filter((row) => row.outcome === outcome).length, WORDS[outcome]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join('   ');
}

function conclusion(all: readonly Section[], { failed, command }: ImageReport): string[] {
  const rows = all.flatMap(({ rows: each }) => each);
  const mends = (outcome: ImageOutcome) =>
    rows
      .filter((row) => row.outcome === outcome && row.mend !== '')
      .map(({ name, mend }) => visible(`  ${name}: ${mend}`));
  const [wrong, odd] = [mends('fail'), mends('noted')];
  return [
    ...(wrong.length === 0
      ? [failed ? 'It fails.' : 'Nothing fails.']
      : [`${wrong.length} to mend:`, ...wrong]),
    ...(odd.length === 0 ? [] : ['', `${odd.length} worth a change:`, ...odd]),
    ...(command === '' ? [] : ['', failed ? 'Once that is mended:' : 'It is created by:', `  ${command}`]),
  ];
}

/** The image as a page: a table for each section. */
export function imageMarkdown(report: ImageReport): string {
  const tables = sectionsOf(report).map(({ title, rows }) =>
    [
      `## ${cell(title)}`,
      '',
      tally(rows),
      '',
      '| what | verdict | cause | how to mend it |',
      '| --- | --- | --- | --- |',
      ...rows.map(({ name, outcome, verdict, cause, mend }) => {
        const shown = outcome === 'fail' ? '**fail**' : outcome === 'unreached' ? 'not judged' : outcome;
        return `| ${cell(name)} | ${shown} | ${cell([verdict, cause].filter((text) => text !== '').join(', '))} | ${cell(mend)} |`;
      }),
    ].join('\n'),
  );
  const end = report.command === '' ? [] : [`\`${report.command}\``];
  return `${[`# ${cell(subject(report))}`, ...tables, ...end, `By guestrig ${version()}.`].join('\n\n')}\n`;
}
