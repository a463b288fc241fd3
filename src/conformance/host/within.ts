import { createRequire } from 'node:module';
import { createContext, Script } from 'node:vm';
import { hostClock } from '../../core/host-clock.ts';

/** A script that calls what lies in its context. */
interface Caller {
  readonly place: { call(): void };
  readonly run: (timeout: number) => void;
}

/** One for all, made for the first, since a context takes a millisecond to make. */
let caller: Caller | null = null;

/** The call did not return in time, and was terminated. */
export class Overrun extends Error {}

/**
 * Calls `act`, and terminates it if it does not return: the engine stops its code, even a loop without an access or one
 * in WebAssembly, and runs no `catch` and no `finally` of it. That takes a fifth of a millisecond, for a thread with a
 * clock.
 *
 * @param hostTime milliseconds; Infinity is no limit, and there is none under a debugger.
 * @throws Overrun if it did not return, and its own error.
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
  caller ??= newCaller();
  const { place, run } = caller;
  const { call } = place;
  const { stackTraceLimit } = Error;
  let end: (() => T) | null = null;
  place.call = () => {
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
    run(Math.ceil(hostTime));
  } catch {
    // It may have returned when the clock expires.
    if (end === null) throw new Overrun();
  } finally {
    place.call = call;
    // The call that was ended may have meant to put it back.
    Error.stackTraceLimit = stackTraceLimit;
  }
  return end!();
}

function newCaller(): Caller {
  const place = { call: () => {} };
  const context = createContext(place);
  // Named so that no stack takes it for the driver's.
  const script = new Script('call()', { filename: import.meta.url });
  return { place, run: (timeout) => void script.runInContext(context, { timeout }) };
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
