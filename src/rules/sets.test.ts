import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { version } from '../core/version.ts';
import { FIRST, LATER, RETIRED } from './history.ts';
import { ALL_IDS, CLAUSES } from './index.ts';
import { checkedSet, hasClause, isNew, newestSet, sinceOf } from './sets.ts';

const FROZEN = readFileSync(new URL('../../test/golden/rules-0.2.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

test('each clause is of a set: the first, which is written down, or a later one that names it', () => {
  const first = ALL_IDS.filter((clause) => sinceOf(clause) === FIRST);

  expect([...first].sort(), 'name a new clause in LATER of src/rules/history.ts').toEqual(FROZEN);
});

test('a later set names each of its clauses once, and none of another set', () => {
  const named = Object.values(LATER).flatMap((clauses) => clauses ?? []);

  expect(named.filter((clause, i) => named.indexOf(clause) !== i || FROZEN.includes(clause))).toEqual([]);
});

describe('a retired name', () => {
  test('is of no clause that a set still has', () => {
    const judged = ALL_IDS.filter((clause) => hasClause(newestSet(), clause));

    expect(Object.keys(RETIRED).filter((name) => judged.some((clause) => clause === name))).toEqual([]);
  });

  test('leads to a clause, or to none', () => {
    const led = Object.values(RETIRED).flatMap(({ now }) => now ?? []);

    expect(led.filter((clause) => !Object.hasOwn(CLAUSES, clause))).toEqual([]);
  });
});

describe('the set of a version', () => {
  test.each(['0.2', '0.2.0', '0.2.17'])('of %s is 0.2', (given) => {
    expect(checkedSet('rules', given)).toBe('0.2');
  });

  test.each(['0.1', '0.999', '1', 'latest', '', ' 0.2', '0.2-beta', 0.2, null, ['0.2']])(
    'of %j is none',
    (given) => {
      expect(() => checkedSet('rules', given)).toThrow(
        /^rules must be (the rule set 0\.2|a rule set, 0\.2 to [\d.]+); got /,
      );
    },
  );

  test('of this package is the newest, or one to come', () => {
    expect(newestSet()).toBe(checkedSet('rules', [...Object.keys(LATER), version()].at(0)));
  });
});

test('nothing is new in the first set', () => {
  expect(FROZEN.filter((clause) => isNew(clause as (typeof ALL_IDS)[number]))).toEqual([]);
});
