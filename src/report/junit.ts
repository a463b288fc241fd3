import { seen } from '../core/visible.ts';

/** The result of one test. */
export interface JunitCase {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  /** A short summary. */
  readonly said: string;
  /** The full text. */
  readonly grounds: string;
}

export interface JunitSuite {
  readonly title: string;
  readonly cases: readonly JunitCase[];
}

/** A report in JUnit's XML format, which continuous integration reads. */
export function junitXml(name: string, suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${attribute(name)}" tests="${all.length}" failures="${count(all, 'fail')}">`,
    ...suites.flatMap(({ title, cases }) => [
      `  <testsuite name="${attribute(title)}" tests="${cases.length}" failures="${count(cases, 'fail')}" skipped="${count(cases, 'skip')}">`,
      ...cases.map((one) => testCase(title, one)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
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
