import { expect, test } from 'vitest';
import { conform, SUITE } from '../../src/conformance/index.ts';
import { failedIn } from './failed.ts';
import { MISTAKES } from './mistakes.ts';

const USUAL = SUITE[0]!.name;
/** Three seconds: more than any of them waits, but for the one that would wait for ever. */
const TIME = 3_000_000_000;

test.each(MISTAKES.map((mistake) => ({ ...mistake, name: mistake.model.name })))(
  'a driver that $name fails when it meets $scenario, and not on a usual machine',
  ({ scenario, model, machine = {} }) => {
    expect(failedIn(conform(model, { machine, scenarios: [USUAL, scenario], time: TIME }))).toEqual([
      scenario,
    ]);
  },
);
