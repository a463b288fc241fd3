import { beforeAll, describe, expect, test } from 'vitest';
import { CLAUSE_IDS, CLAUSES } from '../../src/rules/index.ts';
import { CASES } from './cases.ts';
import { pairsShown } from './play.ts';

const PAIRS = CLAUSE_IDS.flatMap((clause) =>
  (CLAUSES[clause].follows ?? []).map((head) => `${head} > ${clause}`),
);

describe('of each pair, a driver with one mistake breaks the second below the first, and neither without it', () => {
  let shown: ReadonlySet<string>;
  beforeAll(() => {
    shown = new Set(CASES.flatMap(pairsShown));
  });

  test.each(PAIRS)('%s', (pair) => {
    expect(shown.has(pair)).toBe(true);
  });
});
