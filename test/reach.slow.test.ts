import { beforeAll, describe, expect, test } from 'vitest';
import { type Conformance, isFailure, SUITE } from '../src/conformance/index.ts';
import { firstMet, lacks, playVariants } from '../src/conformance/proofs.ts';
import { isFor } from '../src/conformance/scenarios/scenario.ts';
import { CLAUSE_IDS, type ClauseId } from '../src/rules/index.ts';

const LACKING = CLAUSE_IDS.filter((id) => lacks(id, 'scenario'));

describe('in the suite, the reference drivers', () => {
  let reports: Conformance[];
  let met: ReadonlyMap<ClauseId, string>;
  beforeAll(() => {
    reports = playVariants();
    met = firstMet(reports);
  });

  test.each(CLAUSE_IDS.filter((id) => !LACKING.includes(id)))('come by %s', (clause) => {
    expect([...met.keys()]).toContain(clause);
  });

  test('come by each clause in the first scenario, or in one that is for it', () => {
    const [first] = SUITE;
    const runs = reports.flatMap((report) => report.runs);
    const metIn = (name: string) =>
      new Set(
        runs
          .filter(({ scenario }) => scenario === name)
          .flatMap(({ verdicts }) => verdicts.filter((one) => one.met > 0).map(({ clause }) => clause)),
      );
    const inEach = SUITE.map((scenario) => ({ scenario, clauses: metIn(scenario.name) }));
    const isMet = (clause: ClauseId) =>
      inEach.some(({ scenario, clauses }) =>
        clauses.has(clause)
          ? scenario === first || isFor(scenario, clause)
          : scenario.provokes?.includes(clause),
      );

    expect(CLAUSE_IDS.filter((clause) => met.has(clause) && !isMet(clause))).toEqual([]);
  });

  test('come by no clause that lacks a scenario', () => {
    expect(LACKING.filter((clause) => met.has(clause))).toEqual([]);
  });

  test('finish every run, and break nothing', () => {
    const stopped = reports.flatMap((report) => report.stopped);
    const broken = reports.flatMap(({ verdicts }) => verdicts.filter(isFailure));

    expect([stopped, broken]).toEqual([[], []]);
  });
});
