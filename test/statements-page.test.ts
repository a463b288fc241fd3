import { describe, expect, test } from 'vitest';
import { UNWATCHED } from '../docs/generate/statements/unwatched.ts';
import { clauseOf, isWatched, PARTS, statementsOf } from '../docs/generate/statements-page.ts';
import { CLAUSES } from '../src/rules/index.ts';

const ALL = Object.values(PARTS).flatMap(statementsOf);
const NAMES = ALL.map(([name]) => name);

describe('the statements of virtio 1.4 on drivers', () => {
  test('are as many as the standard has for these devices', () => {
    expect([new Set(NAMES).size, ALL.filter(([, , seen]) => seen === 'yes').length]).toEqual([327, 246]);
  });

  test('are each watched, or have a reason', () => {
    expect(NAMES.filter((name) => isWatched(name) === Object.hasOwn(UNWATCHED, name))).toEqual([]);
  });

  test('that are not watched are statements', () => {
    expect(Object.keys(UNWATCHED).filter((name) => !NAMES.includes(name))).toEqual([]);
  });

  test('are as strong in the catalogue of clauses', () => {
    const otherwise = ALL.filter(
      ([name, strength]) => isWatched(name) && CLAUSES[clauseOf(name)].strength !== strength,
    );

    expect(otherwise.map(([name]) => name)).toEqual([]);
  });
});
