import type { Nanos } from '../../core/bits.ts';
import type { Machine } from '../../machine/machine.ts';
import { OutOfTimeError } from '../host/out-of-time-error.ts';

/** From now on the machine's guest has this much virtual time: each access after that throws OutOfTimeError. */
export function setDeadline({ chassis }: Machine, time: Nanos): void {
  const { clock } = chassis.board;
  const timer = clock.timer('deadline', () => {
    clock.userCalls.keep(new OutOfTimeError(`not done after ${time / 1e9} s of virtual time`));
    timer.arm(1);
  });
  timer.arm(time);
}
