import type { Nanos } from '../../core/bits.ts';
import type { Machine } from '../../machine/machine.ts';

/** Calls `act` after this much time, in the middle of the driver's work; and again after each further time. */
export function later(
  { chassis }: Machine,
  act: () => void,
  ...[first, ...more]: readonly [Nanos, ...Nanos[]]
): void {
  const { clock } = chassis.board;
  const timer = clock.timer('scenario', () => {
    const next = more.shift();
    if (next === undefined) clock.remove(timer);
    else timer.arm(next);
    act();
  });
  timer.arm(first);
}
