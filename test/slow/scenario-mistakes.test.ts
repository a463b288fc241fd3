import { expect, test } from 'vitest';
import { conform, SUITE } from '../../src/conformance/index.ts';
import { MISTAKES } from '../mistakes/index.ts';

test.each(MISTAKES)(
  'a driver that $name comes through every other scenario',
  ({ scenario, also = [], model }) => {
    const scenarios = SUITE.map(({ name }) => name).filter(
      (name) => name !== scenario && !also.includes(name),
    );

    const { verdicts, stopped } = conform(model(), { scenarios });

    expect(stopped.map((run) => `${run.scenario}: ${run.stopped}`)).toEqual([]);
    expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  },
);
