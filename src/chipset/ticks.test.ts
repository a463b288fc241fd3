import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticksIn, timeOf } from './ticks.ts';

/** A hundred days: the range in which a double is exact in nanoseconds. */
const LONGEST = 2 ** 53 - 1;
/** The PM timer's, the 8254's and the RTC's crystal. */
const hertz = fc.constantFrom(3_579_545, 1_193_182, 32_768);

test('ticks are exact, as computed with BigInt', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LONGEST }), hertz, (time, hz) => {
      expect(BigInt(ticksIn(time, hz))).toBe((BigInt(time) * BigInt(hz)) / 1_000_000_000n);
    }),
  );
});

test('the time of a tick is its first nanosecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: LONGEST - 1e9 }), hertz, (within, hz) => {
      const ticks = ticksIn(within, hz) + 1;
      const time = timeOf(ticks, hz);
      expect([ticksIn(time, hz), ticksIn(time - 1, hz)]).toEqual([ticks, ticks - 1]);
    }),
  );
});
