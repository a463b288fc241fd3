import { beforeAll, describe, expect, test } from 'vitest';
import { isFailure } from '../src/conformance/index.ts';
import { firstReached, playVariants, UNREACHABLE } from '../src/conformance/suite/coverage.ts';
import { CLAUSE_IDS, type ClauseId } from '../src/rules/index.ts';

type Reports = ReturnType<typeof playVariants>;

describe('in the suite, the reference drivers', () => {
  let reports: Reports;
  let reached: ReadonlyMap<ClauseId, string>;
  beforeAll(() => {
    reports = playVariants();
    reached = firstReached(reports);
  });

  test.each(CLAUSE_IDS.filter((id) => !Object.hasOwn(UNREACHABLE, id)))('reach %s', (clause) => {
    expect([...reached.keys()]).toContain(clause);
  });

  test('reach no clause that is declared unreachable', () => {
    expect(Object.keys(UNREACHABLE).filter((clause) => reached.has(clause as ClauseId))).toEqual([]);
  });

  test('finish every run, and break nothing', () => {
    const stopped = reports.flatMap((report) => report.stopped);
    const broken = reports.flatMap(({ verdicts }) => verdicts.filter(isFailure));

    expect([stopped, broken]).toEqual([[], []]);
  });
});

test('each unreachable clause has a reason', () => {
  expect(Object.values(UNREACHABLE).filter((why) => !/^[a-z].*[^.]$/.test(why))).toEqual([]);
});
