import { describe, expect, test } from 'vitest';
import { usualMachine } from '../src/conformance/broken/usual-machine.ts';
import { BROKEN_DRIVERS, fails, judge } from '../src/conformance/index.ts';
import { play, SCENARIOS } from '../src/conformance/scenarios/index.ts';
import { PROOFS } from '../src/rules/all.proof.ts';
import { CLAUSE_IDS } from '../src/rules/index.ts';

/** Clauses without one of the three proofs. */
const UNPROVED: readonly string[] = CLAUSE_IDS.filter((id) => !(id in PROOFS));

describe('the script of', () => {
  test.each(Object.entries(PROOFS))('%s breaks it alone, and its good twin comes by it', (clause, script) => {
    expect(script.breaks().broken).toEqual([clause]);
    expect([script.keeps().broken, script.keeps().met(clause)]).toEqual([[], true]);
  });
});

describe('the reference drivers', () => {
  const reached = new Set<string>();

  test.each(SCENARIOS)('keep every rule when they meet $name', (scenario) => {
    const { verdicts, stopped } = play(scenario);
    for (const { clause, outcome } of verdicts) if (outcome !== 'unreached') reached.add(clause);

    expect([stopped, verdicts.filter(fails)]).toEqual([null, []]);
  });

  test.each(CLAUSE_IDS.filter((id) => !UNPROVED.includes(id)))('come by %s in one of them', (clause) => {
    expect(reached).toContain(clause);
  });
});

describe('a driver that', () => {
  test.each(BROKEN_DRIVERS.map((broken) => ({ ...broken, name: broken.model.name })))(
    '$name breaks $clause, and nothing else',
    ({ model, clause, machine = usualMachine, act }) => {
      const { verdicts } = judge(model, { machine, ...(act !== undefined && { act }) });

      expect(verdicts.filter(({ outcome }) => outcome === 'fail').map((verdict) => verdict.clause)).toEqual([
        clause,
      ]);
    },
  );

  const broken = BROKEN_DRIVERS.map(({ clause }) => clause);
  test.each(CLAUSE_IDS.filter((id) => !UNPROVED.includes(id)))('breaks %s is there', (clause) => {
    expect(broken).toContain(clause);
  });
});
