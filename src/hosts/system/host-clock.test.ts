import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Clock } from '../../core/clock.ts';
import { HostClock } from './host-clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const fails = (error: unknown) => {
  throw error;
};
const MS = 1e6;

/** A running clock, and the times at which its timer fired, in milliseconds. */
function going() {
  const clock = new Clock();
  const fired: number[] = [];
  const timer = clock.timer('timer', () => void fired.push(clock.now / MS));
  const time = new HostClock(clock, fails);
  return { clock, timer, fired, time };
}

test('a timer that a command set fires at its time', () => {
  const { timer, fired, time } = going();
  timer.arm(7 * MS);

  time.wake();
  vi.advanceTimersByTime(8);

  expect(fired).toEqual([7]);
});

test('a timer that is set from outside counts from the present time, however long the guest was idle', () => {
  const { clock, timer, fired, time } = going();
  time.wake();

  vi.advanceTimersByTime(60_000);
  timer.arm(1000 * MS);
  const begun = clock.now / MS;
  vi.advanceTimersByTime(900);
  const early = [...fired];
  vi.advanceTimersByTime(111);

  expect(begun).toBe(60_000);
  expect([early, fired]).toEqual([[], [61_000]]);
});

test('a clock that was stopped stands still', () => {
  const { clock, time } = going();
  time.wake();

  time.stop();
  vi.advanceTimersByTime(1000);

  expect(clock.now).toBe(0);
});
