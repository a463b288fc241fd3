import { expect, test } from 'vitest';
import { CLAUSE_IDS, CLAUSES } from '../rules/index.ts';

test('a clause says what it asks in one sentence without a full stop, and where it is written', () => {
  const bad = CLAUSE_IDS.filter((id) => CLAUSES[id].text.endsWith('.') || CLAUSES[id].where === '');

  expect(bad).toEqual([]);
});

test('a clause says what to do instead, in whole sentences', () => {
  const bad = CLAUSE_IDS.filter((id) => !/^[A-Z0-9].*[.]$/.test(CLAUSES[id].advice));

  expect(bad).toEqual([]);
});
