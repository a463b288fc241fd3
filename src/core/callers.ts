/** Deep enough for a driver behind our own parts of one. */
const FRAMES = 100;

/** Where guestrig itself is, as stacks name it: as a URL, and as the path that a test runner makes of that. */
const { pathname } = new URL('..', import.meta.url);
const OWN = [pathname, decodeURI(pathname)];

/** Says of code that is no JavaScript where it comes from, which the engine does not know. */
type NameFrames = (frames: string) => string;
let nameFrames: NameFrames | null = null;

/** Runs code whose frames `name` has better words for. */
export function naming<T>(name: NameFrames | null, run: () => T): T {
  const before = nameFrames;
  nameFrames = name;
  try {
    return run();
  } finally {
    nameFrames = before;
  }
}

/** Runs what may be ended in the middle of such code, with nothing of it left. */
export function namesKept<T>(run: () => T): T {
  return naming(nameFrames, run);
}

/** The lines of the stack that are not guestrig's own, innermost first: the driver's, and who called it. */
export function callers(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return theirFrames(stack);
}

/** Of an error's stack the frames that are not guestrig's own. */
export function theirFrames(stack: string): string {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  const theirs = frames.filter((frame) => !OWN.some((path) => frame.includes(path))).join('\n');
  return nameFrames === null ? theirs : nameFrames(theirs);
}
