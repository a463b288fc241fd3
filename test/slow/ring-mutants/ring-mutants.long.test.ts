import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partOf } from '../../repeats.ts';
import { MUTANTS } from './all.ts';
import type { Mutant } from './mutant.ts';
import { Runner } from './runner.ts';

const PLAYED = partOf(MUTANTS, 8);
/** All of them take their turns behind the first. */
const LIMIT_MS = 1_200_000;

describe('rings with one check broken', () => {
  const runners = [new Runner(), new Runner()];
  let verdicts: ReadonlyMap<Mutant | null, Promise<string | null>>;

  beforeAll(() => {
    const turns = [null, ...PLAYED].entries();
    verdicts = new Map([...turns].map(([i, one]) => [one, runners[i % runners.length]!.firstToFail(one)]));
  });
  afterAll(() => {
    for (const runner of runners) runner.close();
  });

  test('none: all tests pass', { timeout: LIMIT_MS }, async () => {
    expect(await verdicts.get(null)).toBeNull();
  });

  test.each(PLAYED)('$file, so that $what: a test fails', { timeout: LIMIT_MS }, async (mutant) => {
    expect(await verdicts.get(mutant)).toEqual(expect.any(String));
  });
});
