import { beforeAll, describe, expect, test } from 'vitest';
import { conform, SUITE } from '../src/conformance/index.ts';
import { referenceModel } from '../src/conformance/reference.ts';
import type { ClauseId } from '../src/rules/index.ts';
import { PACKED } from './flavours.ts';

const FIRST = SUITE[0]!.name;
const PROVOKING = SUITE.filter(({ provokes }) => provokes !== undefined);
const isOfPacked = ({ applies }: (typeof SUITE)[number]): boolean => applies?.(PACKED) !== false;

// The other flavours of devices: test/slow/seeds.long.test.ts.
test('the reference drivers conform in every scenario', () => {
  const { stopped, verdicts, conforms } = conform(referenceModel('intx'));

  expect(stopped).toEqual([]);
  expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  expect(conforms).toBe(true);
});

describe.each([
  { which: 'packed rings', machine: PACKED, provoking: PROVOKING.filter(isOfPacked) },
  { which: 'the legacy interface', machine: {}, provoking: PROVOKING.filter((one) => !isOfPacked(one)) },
])('a scenario provokes what it says, with $which', ({ machine, provoking }) => {
  let reached: (name: string) => ClauseId[];
  beforeAll(() => {
    const scenarios = [FIRST, ...provoking.map(({ name }) => name)];
    const { runs } = conform(referenceModel('msix'), { machine, scenarios });
    reached = (name) => {
      const { verdicts } = runs.find(({ scenario }) => scenario === name)!;
      return verdicts.filter(({ met }) => met > 0).map(({ clause }) => clause);
    };
  });

  test.each(provoking)('$name', ({ name, provokes }) => {
    const usual = reached(FIRST);

    expect(reached(name)).toEqual(expect.arrayContaining([...provokes!]));
    expect(provokes!.filter((clause) => usual.includes(clause))).toEqual([]);
  });
});
