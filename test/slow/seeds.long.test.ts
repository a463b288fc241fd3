import { describe, expect, test } from 'vitest';
import { conform, SUITE } from '../../src/conformance/index.ts';
import { referenceModel } from '../../src/conformance/reference.ts';
import { FLAVOURS } from '../flavours.ts';
import { partOf, repeats } from '../repeats.ts';

/** Seven are one in each flavour. */
const SEEDS = Array.from({ length: repeats(7, 50) }, (_, i) => 1 + i);
/** Played in every flavour with each seed: a few milliseconds each. The others take a quarter of an hour so. */
const CHEAP = [
  'devices that answer several requests together',
  'buffers that hold nothing until they come back',
  'a wire that sends back what it gets',
  'disks that come and go',
  'feature bits that mean nothing',
  'devices that refuse what QEMU lets pass',
  'frames of every length, that are to come out as they were sent',
  'frames of every length, that are to be received as they came',
  'frames that are to come in whole while buffers come back in any order',
  'sleep in which the devices have no power',
  'sleep on a disk, from which another kernel reads them back',
];

/** Of those that cost more, each seed in one flavour: another one for each scenario. */
const seedsOf = (name: string, scenario: number, flavour: number) =>
  SEEDS.filter((seed) => CHEAP.includes(name) || (seed + scenario) % FLAVOURS.length === flavour);

/** A gVNIC has a test of its own. */
const PLAYED = SUITE.filter(({ needs = [] }) => !needs.includes('gvnic'));

describe.each(
  partOf(
    FLAVOURS.map((flavour, i) => [...flavour, i] as const),
    3,
  ),
)('drivers of devices %s', (_, interrupts, machine, flavour) => {
  test.each(PLAYED.map(({ name }, i) => [name, seedsOf(name, i, flavour)] as const))(
    'come through %s',
    (scenario, seeds) => {
      const { stopped, verdicts } = conform(referenceModel(interrupts), {
        machine,
        scenarios: [scenario],
        seeds,
      });

      expect(stopped.map((run) => `seed ${run.seed}: ${run.stopped}`)).toEqual([]);
      expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    },
  );
});

test('the cheap ones are of the suite', () => {
  expect(SUITE.map(({ name }) => name)).toEqual(expect.arrayContaining(CHEAP));
});
