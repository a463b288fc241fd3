import { expect, test } from 'vitest';
import type { DriverModel } from '../model/model.ts';
import { SUITE } from '../scenarios/index.ts';
import { conform, playAll } from './conform.ts';
import { SuiteOnDemand } from './on-demand.ts';
import { checkedOptions } from './options.ts';

const [FIRST, SECOND, THIRD] = SUITE.filter(
  ({ applies, needs }) => (applies?.({}) ?? true) && needs === undefined,
)
  .map(({ name }) => name)
  .slice(0, 3) as [string, string, string];
const SCENARIOS = { scenarios: [FIRST, SECOND, THIRD], seeds: [1, 2] };

/** Breaks a clause on each machine. */
const hasty: DriverModel = {
  name: 'hasty',
  drivers: [],
  run: (port) => {
    port.out(0x3fb, 3, 1);
    for (const byte of [0x61, 0x62]) port.out(0x3f8, byte, 1);
  },
};

function suiteOf(played: string[]): SuiteOnDemand {
  const onRun = ({ scenario, seed }: { scenario: string; seed: number }, done: number, all: number) =>
    void played.push(`${done} of ${all}: ${scenario}, ${seed}`);
  const options = checkedOptions({ ...SCENARIOS, onRun });
  return new SuiteOnDemand(hasty, options, (turns, merge) => playAll(hasty, turns, options, merge));
}

test('nothing is played before it is asked for, and then nothing else', async () => {
  const played: string[] = [];
  const suite = suiteOf(played);
  const before = played.length;

  await suite.play([SECOND]);

  expect([before, played]).toEqual([0, [`1 of 6: ${SECOND}, 1`, `2 of 6: ${SECOND}, 2`]]);
  expect(suite.report.runs.map(({ scenario }) => scenario)).toEqual([SECOND, SECOND]);
});

test('a scenario is played once, however often it is asked for', async () => {
  const played: string[] = [];
  const suite = suiteOf(played);

  await Promise.all([suite.play([FIRST]), suite.play([FIRST, THIRD]), suite.play([THIRD])]);

  expect(played.map((line) => line.slice(0, 6))).toEqual(['1 of 6', '2 of 6', '3 of 6', '4 of 6']);
});

test('in whatever order it was played, the whole suite has the report of one call', async () => {
  const suite = suiteOf([]);
  for (const name of [THIRD, FIRST, SECOND]) await suite.play([name]);

  expect(JSON.stringify(suite.report)).toBe(JSON.stringify(conform(hasty, SCENARIOS)));
});
