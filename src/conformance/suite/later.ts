import type { Nanos } from '../../core/bits.ts';
import type { Machine } from '../../machine/machine.ts';

/** Does it so much later, in the middle of whatever the driver does then; and again after each of more times. */
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
