import { beforeAll, describe, expect, test } from 'vitest';
import {
  BROKEN_DRIVERS,
  type Conformance,
  conform,
  failureOf,
  isFailure,
  SUITE,
} from '../src/conformance/index.ts';
import { suiteReport } from '../src/conformance/report/suite-report.ts';
import { github } from '../src/report/github.ts';
import { reportHtml } from '../src/report/html.ts';
import { junit } from '../src/report/junit.ts';
import type { Report } from '../src/report/report.ts';
import { sarif } from '../src/report/sarif.ts';
import { reportText } from '../src/report/text.ts';
import { CLAUSE_IDS, CLAUSES } from '../src/rules/index.ts';

const names = [SUITE[0]!.name, SUITE[3]!.name];
const reportOn = (name: string) =>
  conform(BROKEN_DRIVERS.find(({ model }) => model.name === name)!.model, { scenarios: names });
const failing = ({ verdicts }: Conformance) =>
  verdicts.filter(isFailure).map(({ clause, under }) => [clause, under]);

test('each clause that a row follows exists', () => {
  const follows = CLAUSE_IDS.flatMap((clause) => CLAUSES[clause].follows ?? []);

  expect(follows).not.toEqual([]);
  expect(follows.filter((clause) => !Object.hasOwn(CLAUSES, clause))).toEqual([]);
});

describe('clauses that fail are one mistake', () => {
  test('where one is known to follow from another, on the same device', () => {
    expect(failing(reportOn('takes GUEST_UFO alone'))).toEqual([
      ['virtio/FEAT-D1', null],
      ['virtio/NET-FEAT-D4', { clause: 'virtio/FEAT-D1', tie: 'follows' }],
    ]);
  });

  test('where the same access breaks them each time', () => {
    expect(failing(reportOn('trims a buffer that the device has, packed'))).toEqual([
      ['virtio/NET-TX-D24', null],
      ['virtio/NET-IMP-7', { clause: 'virtio/NET-TX-D24', tie: 'access' }],
      ['virtio/NET-TX-D11', { clause: 'virtio/NET-TX-D24', tie: 'access' }],
      ['virtio/NET-FRAME-LEG-D1', { clause: 'virtio/NET-TX-D24', tie: 'access' }],
    ]);
  });

  test('and several, where they are only checked together', () => {
    expect(failing(reportOn('takes the host bridge for revision 0'))).toEqual([
      ['gce/HOST-BRIDGE', null],
      ['gce/NET-TRAFFIC', null],
    ]);
  });
});

describe('clauses tied to a mistake are listed below it', () => {
  const LINE =
    'which follows from it: virtio/NET-FEAT-D4  GUEST_UFO (10) was accepted without GUEST_CSUM (1)';
  let report: Conformance;
  let told: Report;
  beforeAll(() => {
    report = reportOn('takes GUEST_UFO alone');
    told = suiteReport(report, '/');
  });

  test('in words, and the count says so', () => {
    const text = reportText(told, false);

    expect(text).toContain(`\n  in 2 of 2 scenarios, first in "${names[0]}", seed 1; 3 times in all\n`);
    expect(text).toContain(`\n  ${LINE}\n`);
    expect(text.match(/^virtio\/\S+ {2}net0/gm)).toHaveLength(1);
    expect(text).toMatch(/does not conform: 2 clauses fail by 1 mistake\.\n$/);
  });

  test('in JUnit, where it is skipped', () => {
    const xml = junit(told);

    expect(xml).toContain(' failures="1">');
    expect(xml).toContain('<skipped message="fails with virtio/FEAT-D1, which follows from it');
    expect(xml).toContain(LINE);
  });

  test('in one annotation of GitHub', () => {
    const errors = github(told)
      .split('\n')
      .filter((line) => line.startsWith('::error'));

    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`%0A${LINE}`);
  });

  test('in one result of SARIF', () => {
    const { results } = sarif(told).runs[0]!;

    expect(results.map(({ ruleId }) => ruleId)).toEqual(['virtio/FEAT-D1']);
    expect(results[0]!.message.text).toContain(LINE);
  });

  test('in HTML, where it is not open', () => {
    const page = reportHtml(told);

    expect(page.match(/<details data-kind="fail" open>/g)).toHaveLength(1);
    expect(page).toContain(LINE);
    expect(page).toContain('fails with virtio/FEAT-D1, which follows from it');
  });

  test('in the thrown error', () => {
    expect(failureOf(report)!.message).toContain(`\n  ${LINE}`);
  });
});

test('a clause whose cause is waived is listed by itself', () => {
  const { model } = BROKEN_DRIVERS.find((broken) => broken.model.name === 'takes GUEST_UFO alone')!;

  const report = conform(model, { scenarios: names, waive: { 'virtio/FEAT-D1': 'known' } });

  expect(failing(report)).toEqual([['virtio/NET-FEAT-D4', null]]);
});
