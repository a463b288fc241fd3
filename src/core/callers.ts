/** Frames: deep enough to reach the driver behind guestrig's own frames. */
const FRAMES = 100;

/** Where guestrig itself is, as stacks name it: as a URL, and as the path that a test runner makes of it. */
const { pathname } = new URL('..', import.meta.url);
const OWN = [pathname, decodeURI(pathname)];

/** Rewrites stack frames of code that is not JavaScript, whose source the engine does not know. */
type NameFrames = (frames: string) => string;
let nameFrames: NameFrames | null = null;

/** Runs code whose stack frames `name` rewrites. */
export function naming<T>(name: NameFrames | null, run: () => T): T {
  const before = nameFrames;
  nameFrames = name;
  try {
    return run();
  } finally {
    nameFrames = before;
  }
}

/** Runs code that may be ended inside a `naming` call, and restores the current name function afterwards. */
export function namesKept<T>(run: () => T): T {
  return naming(nameFrames, run);
}

/** The lines of the stack that are not guestrig's own, innermost first: the driver's and its callers'. */
export function callers(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return theirFrames(stack);
}

/** The frames of an error's stack that are not guestrig's own. */
export function theirFrames(stack: string): string {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  const theirs = frames.filter((frame) => !OWN.some((path) => frame.includes(path))).join('\n');
  return nameFrames === null ? theirs : nameFrames(theirs);
}
