import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LIES } from '../src/conformance/hostile/index.ts';
import { BROKEN_DRIVERS, SUITE } from '../src/conformance/index.ts';
import { CLAUSES } from '../src/rules/index.ts';

const PAGE = readFileSync('docs/reports.md', 'utf8');
const cellsOf = (row: string) =>
  row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
const rowsIn = (text: string) => [...text.matchAll(/^\| \[.*$/gm)].map(([row]) => cellsOf(row));
const [named, others] = PAGE.split('## Not named').map(rowsIn) as [string[][], string[][]];
const quoted = (text: string, sign: RegExp) => [...text.matchAll(sign)].map(([, found]) => found!);

/** Of each report: the clauses and scenarios that name it, and the drivers that do the same, which slow/proofs.test.ts plays. */
const REPORTS = named.map(([report, , by = '', made = '']) => ({
  report: report!,
  clauses: quoted(by, /`([^`]+)`/g),
  scenarios: quoted(by, /"([^"]+)"/g),
  drivers: made.split('; ').filter((name) => name !== ''),
}));

describe('the page of reports', () => {
  test('says how many there are, and so does README', () => {
    expect(PAGE).toContain(`\n${named.length + others.length} reports and mended mistakes`);
    expect(PAGE).toContain(`Of ${named.length} a clause, a scenario or a lie`);
    expect(readFileSync('README.md', 'utf8')).toContain(
      `${named.length} of ${named.length + others.length} reports`,
    );
  });

  test('has each thread or commit once, by the number that its link has', () => {
    const threads = [...named, ...others].map(([report]) => report!);
    const isThread = /^\[(.+)#(\d+)\]\(https:\/\/github\.com\/\1\/(issues|pull)\/\2\)$/;
    const isCommit = /^\[(.+)@([0-9a-f]{10})\]\(https:\/\/github\.com\/\1\/commit\/\2\)$/;

    expect(threads).toEqual([...new Set(threads)]);
    expect(threads.filter((one) => !isThread.test(one) && !isCommit.test(one))).toEqual([]);
  });

  test('names a clause or a scenario for each, and they are those of the catalogue', () => {
    const scenarios = [...SUITE, ...LIES].map(({ name }) => name);
    const ids = quoted(PAGE, /`([^`]+)`/g);

    expect(ids.filter((clause) => !Object.hasOwn(CLAUSES, clause))).toEqual([]);
    expect(quoted(PAGE, /"([^"]+)"/g).filter((name) => !scenarios.includes(name))).toEqual([]);
    expect(REPORTS.filter(({ clauses, scenarios: its }) => clauses.length + its.length === 0)).toEqual([]);
  });

  test('has a reason for each that is not named', () => {
    expect(others.filter((cells) => cells.length !== 3 || cells[2] === '')).toEqual([]);
  });

  test('names for each clause of a report a driver that breaks it, or a lie', () => {
    const clausesOf = (drivers: readonly string[]) =>
      drivers.map((name) => BROKEN_DRIVERS.find(({ model }) => model.name === name)?.clause);
    const lacking = REPORTS.filter(
      ({ clauses, drivers }) =>
        clauses
          .filter((clause) => !clause.startsWith('hard/'))
          .sort()
          .join() !== clausesOf(drivers).sort().join(),
    );

    expect(lacking).toEqual([]);
  });
});
