import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/index.ts';
import { failedIn } from '../scenarios/failed.ts';
import { MISTAKES } from '../scenarios/mistakes.ts';

test.each(MISTAKES.map((mistake) => ({ ...mistake, name: mistake.model.name })))(
  'a driver that $name fails when it meets $scenario, and nowhere else in the suite',
  ({ scenario, also = [], model, machine = {} }) => {
    expect(failedIn(conform(model, { machine }))).toEqual([scenario, ...also]);
  },
);
