import { describe, expect, test } from 'vitest';
import {
  type Conformance,
  conform,
  fails,
  IdleModelError,
  isFailure,
  SUITE,
} from '../../src/conformance/index.ts';
import { SCENARIO_MUTANTS } from '../../src/conformance/scenarios/all.mutants.ts';
import { partOf } from '../repeats.ts';

/** The scenarios that the driver did not pass; if it matched no function, there was nothing to pass. */
function failedIn({ runs }: Conformance): string[] {
  const wrong = runs.filter(({ stopped, verdicts }) => stopped !== null || verdicts.some(fails));
  return wrong.filter(({ stopped }) => !(stopped instanceof IdleModelError)).map(({ scenario }) => scenario);
}

const wrongIn = ({ verdicts, stopped }: Conformance): string[] => [
  ...verdicts.filter(isFailure).map(({ clause }) => clause),
  ...stopped.map((run) => String(run.stopped)),
];

describe.each(SCENARIO_MUTANTS.map((mutant, turn) => ({ ...mutant, turn })))(
  'a driver that $name',
  ({ scenario, also = [], by = /./, model, machine = {}, turn }) => {
    test(`fails when it meets ${scenario}`, () => {
      const report = conform(model(), { machine, scenarios: [scenario, ...also] });

      expect(failedIn(report).sort()).toEqual([scenario, ...also].sort());
      expect(wrongIn(report)).toContainEqual(expect.stringMatching(by));
    });

    test('passes the others', () => {
      const others = partOf(SUITE, 12, turn)
        .map(({ name }) => name)
        .filter((name) => name !== scenario && !also.includes(name));

      expect(failedIn(conform(model(), { machine, scenarios: others }))).toEqual([]);
    });
  },
);
