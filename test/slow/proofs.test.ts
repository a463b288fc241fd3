import { describe, expect, test } from 'vitest';
import { BROKEN_DRIVERS } from '../../src/conformance/index.ts';
import {
  brokenBy,
  clausesBroken,
  independent,
  LACKS,
  lacks,
  type ProofKind,
} from '../../src/conformance/proofs.ts';
import { PROOFS } from '../../src/rules/all.proof.ts';
import { CLAUSE_IDS } from '../../src/rules/index.ts';

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
