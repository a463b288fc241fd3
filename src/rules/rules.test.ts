import { expect, test } from 'vitest';
import { CLAUSES } from '../rules/index.ts';

test.each([
  ['virtio/INIT-D4', /^If the device is in use, reset it first/],
  ['virtio/INIT-D7', /^If the device is in use, reset it first/],
  ['virtio/CLEAN-D2', /^Free or rewrite a buffer only/],
  ['virtio/CFG-D3', /^Check the feature of a field before/],
  ['virtio/NET-RXB-D5', /room for the longest frame/],
] as const)('the advice of %s is right for each way to break it', (clause, advice) => {
  expect(CLAUSES[clause].advice).toMatch(advice);
});
