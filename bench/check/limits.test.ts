import { describe, expect, test } from 'vitest';
import { check, faultsOf, limitFaults, lowered } from './limits.ts';

const LIMITS = { walk: { reached: 2, limit: 2.16 } };

describe('a ratio', () => {
  test.each([
    [2.16, true],
    [2.17, false],
    [null, false],
  ])('of %s under a limit of 2.16 passes: %s', (measured, passes) => {
    expect(check('walk', measured, LIMITS).passes).toBe(passes);
  });

  test.each([
    [2.3, true],
    [2.4, false],
  ])(
    'of %s, where the code that had this limit takes 2.2 on the same machine, passes: %s',
    (measured, passes) => {
      expect(check('walk', measured, LIMITS, 2.2).passes).toBe(passes);
    },
  );

  test('without a limit does not pass', () => {
    expect([check('copy', 1, LIMITS).passes, check('copy', 1, LIMITS, 1).passes]).toEqual([false, false]);
  });
});

describe('limits', () => {
  test('are lowered to the reached ratio, and never raised', () => {
    const after = lowered(LIMITS, new Map([['walk', 1.5]]), ['walk']);

    expect([after.walk, lowered(after, new Map([['walk', 2]]), ['walk']).walk]).toEqual(
      Array(2).fill({ reached: 1.5, limit: 1.62 }),
    );
  });

  test('that were raised have a reason', () => {
    const raised = { walk: { reached: 2, limit: 2.5 } };

    expect([
      faultsOf(raised, ['walk']),
      faultsOf({ walk: { ...raised.walk, why: 'a check more' } }, ['walk']),
    ]).toEqual([['walk: 2.5 is more than 2 and 8%, without a reason'], []]);
  });

  test('exist for every measured ratio, and for no other', () => {
    expect(faultsOf(LIMITS, ['copy'])).toEqual(['copy: has no limit', 'walk: is not measured']);
  });

  test('of this repository are valid', () => {
    expect(limitFaults()).toEqual([]);
  });
});
