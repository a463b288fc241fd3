import { MisuseError } from '../../core/misuse.ts';
import { EndlessLoopError } from '../../machine/endless-loop.ts';
import { OutOfTimeError } from '../host/out-of-time-error.ts';

/** Errors that a driver cannot throw because its device is gone. */
const NOT_ITS_ANSWER = [EndlessLoopError, OutOfTimeError, MisuseError];

/**
 * Runs an action in which a driver may give up, because its device is gone or refuses. It may throw any error; but
 * that it would not end, or misuses the machine, is still reported.
 *
 * @returns whether it finished.
 */
export function mayGiveUp(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (NOT_ITS_ANSWER.some((kind) => error instanceof kind)) throw error;
    return false;
  }
}
