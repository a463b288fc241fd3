import { describe, expect, test } from 'vitest';
import { type Conformance, conform, isFailure, SUITE } from '../../src/conformance/index.ts';
import { MISTAKES } from '../mistakes/index.ts';

const wrongIn = ({ verdicts, stopped }: Conformance): string[] => [
  ...verdicts.filter(isFailure).map(({ clause }) => clause),
  ...stopped.map((run) => String(run.stopped)),
];

describe.each(MISTAKES)('a driver that $name', ({ scenario, by, also = [], model }) => {
  test('is found by its scenario', () => {
    const wrong = wrongIn(conform(model(), { scenarios: [scenario] }));

    expect(wrong).toContainEqual(expect.stringMatching(by));
  });

  test('passes every other', () => {
    const others = SUITE.map(({ name }) => name).filter((name) => name !== scenario && !also.includes(name));

    expect(wrongIn(conform(model(), { scenarios: others }))).toEqual([]);
  });
});
