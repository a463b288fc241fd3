import { describe, expect, test } from 'vitest';
import { MUTANTS } from './slow/ring-mutants/all.ts';
import { occurrences } from './slow/ring-mutants/mutant.ts';

/** The slow tests break each of these once; a check that is written otherwise needs its mutant written anew. */
describe('the checks of rings that the slow tests break', () => {
  test.each(MUTANTS)('stand once in $file, so that without it $what', (mutant) => {
    expect(occurrences(mutant)).toBe(1);
  });
});
