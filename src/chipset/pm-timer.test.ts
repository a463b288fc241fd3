import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticksIn, timeOf } from './pm-timer.ts';

/** A hundred days: as far as a double counts nanoseconds. */
const LONGEST = 2 ** 53 - 1;

test('ticks are those of 3.579545 MHz to the last one, as integers of any size have them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LONGEST }), (time) => {
      expect(BigInt(ticksIn(time))).toBe((BigInt(time) * 3_579_545n) / 1_000_000_000n);
    }),
  );
});

test('the time of a tick is the first nanosecond that has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: ticksIn(LONGEST) }), (ticks) => {
      const time = timeOf(ticks);
      expect([ticksIn(time), ticksIn(time - 1)]).toEqual([ticks, ticks - 1]);
    }),
  );
});
