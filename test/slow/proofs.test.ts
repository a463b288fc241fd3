import { beforeAll, describe, expect, test } from 'vitest';
import { BROKEN_DRIVERS, fails } from '../../src/conformance/index.ts';
import {
  brokenBy,
  clausesBroken,
  firstMet,
  independent,
  LACKS,
  lacks,
  type Played,
  type ProofKind,
} from '../../src/conformance/proofs.ts';
import { play, SCENARIOS } from '../../src/conformance/scenarios/index.ts';
import { PROOFS } from '../../src/rules/all.proof.ts';
import { CLAUSE_IDS, type ClauseId } from '../../src/rules/index.ts';

const having = (kind: ProofKind) => CLAUSE_IDS.filter((id) => !lacks(id, kind));
const without = (kind: ProofKind) => CLAUSE_IDS.filter((id) => lacks(id, kind));

describe('the script of', () => {
  test.each(Object.entries(PROOFS))('%s breaks it alone, and its good twin reaches it', (clause, script) => {
    expect(independent(script.breaks().broken)).toEqual([clause]);
    expect([script.keeps().broken, script.keeps().met(clause)]).toEqual([[], true]);
  });

  test.each(having('script'))('%s is there', (clause) => {
    expect(Object.keys(PROOFS)).toContain(clause);
  });

  test('clauses that lack one are absent', () => {
    expect(without('script').filter((clause) => clause in PROOFS)).toEqual([]);
  });
});

describe('the reference drivers', () => {
  const played: Played[] = [];

  test.each(SCENARIOS)('keep every rule when they meet $name', (scenario) => {
    const judgement = play(scenario);
    played.push({ scenario, judgement });

    expect([judgement.stopped, judgement.verdicts.filter(fails)]).toEqual([null, []]);
  });

  describe('in one of them', () => {
    let met: ReadonlyMap<ClauseId, string>;
    beforeAll(() => {
      met = firstMet(played);
    });

    test.each(having('scenario'))('come by %s', (clause) => {
      expect([...met.keys()]).toContain(clause);
    });

    test('reach no clause that lacks a scenario', () => {
      expect(without('scenario').filter((clause) => met.has(clause))).toEqual([]);
    });
  });
});

describe('a driver that', () => {
  test.each(BROKEN_DRIVERS.map((broken) => ({ broken, name: broken.model.name, clause: broken.clause })))(
    '$name breaks $clause, and nothing else',
    ({ broken, clause }) => {
      expect(clausesBroken(broken)).toEqual([clause]);
    },
  );

  const broken = [...brokenBy().keys()];
  test.each(having('broken driver'))('breaks %s is there', (clause) => {
    expect(broken).toContain(clause);
  });

  test('breaks a clause that lacks one does not exist', () => {
    expect(without('broken driver').filter((clause) => broken.includes(clause))).toEqual([]);
  });

  test('has the name of no other', () => {
    const names = BROKEN_DRIVERS.map(({ model }) => model.name);

    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

test('a clause that lacks a proof has the reason', () => {
  const silent = Object.values(LACKS).filter(({ of, why }) => of.length === 0 || !/^[a-z].*[^.]$/.test(why));

  expect(silent).toEqual([]);
});
