import { describe, expect, test } from 'vitest';
import { PACKED } from './ring-mutants/packed.ts';
import { firstToFail, judge, occurrences } from './ring-mutants/run-mutant.ts';
import { SHARED } from './ring-mutants/shared.ts';
import { SPLIT } from './ring-mutants/split.ts';

const MUTANTS = [...SPLIT, ...PACKED, ...SHARED];
/** All of them take their turns behind the first. */
const LIMIT_MS = 1_200_000;

describe('rings with one check broken', () => {
  test.each(MUTANTS)('$file, so that $what: the check still stands there once', (mutant) => {
    expect(occurrences(mutant)).toBe(1);
  });

  test('none: all tests pass', { timeout: LIMIT_MS }, async () => {
    expect(await firstToFail(null)).toBeNull();
  });

  const verdicts = judge(MUTANTS);
  test.each(MUTANTS)('$file, so that $what: a test fails', { timeout: LIMIT_MS }, async (mutant) => {
    expect(await verdicts.get(mutant)).toEqual(expect.any(String));
  });
});
