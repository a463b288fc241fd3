import { version } from '../core/version.ts';
import { seen } from '../core/visible.ts';
import { findingText } from './finding.ts';
import { placeOf, placeText } from './place.ts';
import { type Report, type ReportLine, reasonOf } from './report.ts';

/** The result of one test. */
interface JunitCase {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly said: string;
  readonly grounds: string;
}

/**
 * A report in JUnit's XML format, which continuous integration reads: a suite for each group, a case for each line. A case
 * is skipped if its line neither passes nor fails, or fails with another.
 */
export function junit(report: Pick<Report, 'name' | 'lines' | 'root' | 'rules'>): string {
  const { name, lines, root, rules } = report;
  const by = Object.entries({ guestrig: version(), ...(rules === null ? {} : { rules }) }).map(
    ([key, value]) => `<property name="${key}" value="${value}"/>`,
  );
  const suites = [...new Set(lines.map(({ group }) => group))].map((title) => ({
    title,
    cases: lines.filter(({ group }) => group === title).map((line) => caseOf(line, root)),
  }));
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${attribute(name)}" tests="${all.length}" failures="${count(all, 'fail')}">`,
    ...suites.flatMap(({ title, cases }) => [
      `  <testsuite name="${attribute(title)}" tests="${cases.length}" failures="${count(cases, 'fail')}" skipped="${count(cases, 'skip')}">`,
      `    <properties>${by.join('')}</properties>`,
      ...cases.map((one) => testCase(title, one)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf(line: ReportLine, root: string): JunitCase {
  const { outcome, rule, news, under } = line;
  const said = [line.said, ...(news === null ? [] : [news])].filter((text) => text !== '').join('; ');
  const name = rule === null ? line.name : `${line.name} ${rule.text}`;
  const grounds = groundsOf(line, root);
  if (under !== null) return { name, outcome: 'skip', said: under, grounds };
  if (outcome === 'pass' || outcome === 'fail') return { name, outcome, said, grounds };
  return { name, outcome: 'skip', said: reasonOf({ outcome, said }), grounds };
}

function groundsOf({ rule, findings, about, grounds }: ReportLine, root: string): string {
  if (rule === null || findings.length === 0) return grounds;
  const told = findings.map((finding) => {
    const place = placeOf(finding.stack, root);
    return `${findingText(finding, rule)}${place === null ? '' : `\n  at ${placeText(place)}`}`;
  });
  const [where, ...others] = about;
  return [...told, ...others, ...(where === undefined ? [] : [where])].join('\n\n');
}

function count(cases: readonly JunitCase[], outcome: JunitCase['outcome']): number {
  return cases.filter((one) => one.outcome === outcome).length;
}

function testCase(suite: string, { name, outcome, said, grounds }: JunitCase): string {
  const head = `    <testcase classname="${attribute(suite)}" name="${attribute(name)}"`;
  const message = attribute(said);
  if (outcome === 'fail')
    return `${head}><failure message="${message}">${escaped(grounds)}</failure></testcase>`;
  if (outcome === 'skip') return `${head}><skipped message="${message}"/></testcase>`;
  const out = [said, grounds].filter((text) => text !== '').join('; ');
  return `${head}><system-out>${escaped(out)}</system-out></testcase>`;
}

/** An XML reader takes every white space in an attribute for a blank, unless it is a reference. */
function attribute(text: string): string {
  return escaped(text).replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
}

/** An XML reader takes CR for the end of a line. XML has no place for most control characters, escaped or not. */
function escaped(text: string): string {
  return seen(
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\r', '&#13;')
      .replaceAll(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '�'),
  );
}
