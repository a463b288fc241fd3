import { expect, test } from 'vitest';
import { conform } from '../src/conformance/index.ts';
import { UNUSUAL_UARTS } from './unusual/uarts.ts';

test.each(UNUSUAL_UARTS)('a good driver keeps the whole suite: $name', (model) => {
  const { stopped, verdicts } = conform(model, { seeds: [1, 2, 3] });
  const broken = verdicts.filter((verdict) => verdict.broken > 0);

  expect(stopped.map((run) => `${run.scenario}: ${run.stopped}`)).toEqual([]);
  expect(broken.map(({ clause, scenario, findings }) => [clause, scenario, findings[0]!.said])).toEqual([]);
});
