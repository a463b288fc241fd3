import { createRequire } from 'node:module';
import { createContext, Script } from 'node:vm';
import { hostClock } from '../../core/host-clock.ts';

/** Named so that no stack takes it for the driver's. */
const CALL = new Script('call()', { filename: import.meta.url });
/** What `CALL` calls. One for all, since a context takes a millisecond to make. */
const PLACE: { call(): void } = { call: () => {} };
const CONTEXT = createContext(PLACE);

/** What was called did not return in time, and was ended. */
export class Overrun extends Error {}

/**
 * Calls it, and ends it if it does not return: the engine stops what it executes, be it a loop without an access or one in
 * WebAssembly, and runs no `catch` and no `finally` of it. That takes a fifth of a millisecond, for a thread with a clock.
 *
 * @param hostTime milliseconds; Infinity is for ever, and so is everything for a person at a debugger.
 * @throws Overrun if it did not return, and what it threw.
 */
export function within<T>(hostTime: number, act: () => T): T {
  const { isWatched } = hostClock;
  hostClock.isWatched = true;
  try {
    return hostTime === Number.POSITIVE_INFINITY || isDebugged() ? act() : timed(hostTime, act);
  } finally {
    hostClock.isWatched = isWatched;
  }
}

function timed<T>(hostTime: number, act: () => T): T {
  const { call } = PLACE;
  const { stackTraceLimit } = Error;
  let end: (() => T) | null = null;
  PLACE.call = () => {
    try {
      const result = act();
      end = () => result;
    } catch (error) {
      end = () => {
        throw error;
      };
    }
  };
  try {
    CALL.runInContext(CONTEXT, { timeout: Math.ceil(hostTime) });
  } catch {
    // It may be done by the time that the clock says it is not.
    if (end === null) throw new Overrun();
  } finally {
    PLACE.call = call;
    // Who was ended may have meant to put it back.
    Error.stackTraceLimit = stackTraceLimit;
  }
  return end!();
}

/** A Node may be built without an inspector. */
function isDebugged(): boolean {
  try {
    const { url } = createRequire(import.meta.url)('node:inspector') as { url(): string | undefined };
    return url() !== undefined;
  } catch {
    return false;
  }
}
