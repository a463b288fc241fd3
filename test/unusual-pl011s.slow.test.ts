import { expect, test } from 'vitest';
import { conform } from '../src/conformance/index.ts';
import { GENERIC_UARTS, WHOLE_PL011S } from './unusual/pl011s.ts';

const ALL = [
  ...GENERIC_UARTS.map((model) => ({ model, name: model.name, whole: false })),
  ...WHOLE_PL011S.map((model) => ({ model, name: model.name, whole: true })),
];

test.each(ALL)('a good driver keeps the whole suite: $name, whole: $whole', ({ model, whole }) => {
  const machine = { serial: { whole } };
  const { stopped, verdicts, runs } = conform(model, { profile: 'gce-t2a', machine, seeds: [1, 2, 3] });
  const broken = verdicts.filter((verdict) => verdict.broken > 0);

  expect(stopped.map((run) => `${run.scenario}: ${run.stopped}`)).toEqual([]);
  expect(broken.map(({ clause, scenario, findings }) => [clause, scenario, findings[0]!.said])).toEqual([]);
  expect(runs.map(({ scenario }) => scenario)).toContain('characters that come wrong, among good ones');
});
