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

test.each([
  ['virtio/INIT-D4', /^Reset a device that is in use first/],
  ['virtio/INIT-D7', /^Reset a device that is in use first/],
  ['virtio/CLEAN-D2', /^Free or rewrite a buffer only/],
  ['virtio/CFG-D3', /^Look for the feature of a field before/],
  ['virtio/NET-RXB-D5', /room for the longest frame/],
] as const)('the advice of %s is right for each way to break it', (clause, advice) => {
  expect(CLAUSES[clause].advice).toMatch(advice);
});
