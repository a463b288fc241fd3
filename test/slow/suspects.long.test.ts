import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/index.ts';
import { referenceModel } from '../../src/conformance/reference.ts';
import { FLAVOURS } from '../flavours.ts';
import { partOf } from '../repeats.ts';

test.each(partOf<(typeof FLAVOURS)[number]>(FLAVOURS, 3))(
  'no good driver is suspected where an error of its own stops it: %s',
  (_, interrupts, machine) => {
    const good = referenceModel(interrupts);
    const sick = {
      ...good,
      run: (...given: Parameters<NonNullable<typeof good.run>>) => {
        good.run!(...given);
        throw new Error('sick');
      },
    };

    const { stopped } = conform(sick, { machine });

    expect(stopped.length).toBeGreaterThan(20);
    expect(stopped.filter(({ suspected }) => suspected !== null)).toEqual([]);
  },
);
