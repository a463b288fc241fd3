import { expect, test } from 'vitest';
import { conform } from '../src/conformance/index.ts';
import { thoroughGvnic } from '../src/conformance/reference/gvnic.ts';

test.each([
  ['a mailbox', { mailbox: true }],
  ['packets that miss', { formats: ['DQO_RDA' as const], completions: { misses: 4, reinjection: 0 } }],
])('the reference driver conforms on a card with %s', (_, card) => {
  const { runs, verdicts } = conform(thoroughGvnic, {
    machine: { nics: [{ type: 'gvnic', backend: 'loopback', gvnic: card }] },
    seeds: [1],
    scenarios: [
      'a machine as its firmware leaves it',
      'a machine at power-on, which has addresses and nothing else',
      'a machine that is reset while much is under way',
      'a card that asks to be reset',
    ],
  });

  expect(runs.map(({ stopped }) => stopped)).toEqual([null, null, null, null]);
  expect(verdicts.filter(({ broken }) => broken > 0)).toEqual([]);
});
