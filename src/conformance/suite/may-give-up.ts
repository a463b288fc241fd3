import { MisuseError } from '../../core/misuse.ts';
import { EndlessLoopError } from '../../machine/endless-loop.ts';
import { OutOfTimeError } from '../host/out-of-time-error.ts';

/** What no driver throws because its device is gone. */
const NOT_ITS_ANSWER = [EndlessLoopError, OutOfTimeError, MisuseError];

/**
 * Does what a driver may give up, for its device is gone or refuses. It may throw whatever it likes; that it would not
 * end, or misuses the machine, is still told.
 *
 * @returns whether it came to its end.
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
