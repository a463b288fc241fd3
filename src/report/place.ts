import { theirFrames } from '../core/callers.ts';

/** A line of a driver's. */
export interface Place {
  /** Relative to the root folder, or else the whole path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A frame of a stack: the function, as far as it is known, and its line. */
export interface Frame {
  readonly name: string;
  /** Null for code that was compiled without lines. */
  readonly place: Place | null;
}

/** `at send (file:///home/me/nic.ts:12:3)`, `at /home/me/nic.ts:12:3`. */
const FRAME = /(?:^|[\s(])((?:file:\/\/)?\/[^\n]*?):(\d+):(\d+)\)?$/;

/** Frames of the engine, of Node, and of dependencies. */
const OTHERS = /<anonymous>|node:|node_modules\//;

/** Where a driver was by these lines of a stack: the innermost that is neither Node's nor a dependency's; null for nowhere. */
export function placeOf(frames: string, root: string): Place | null {
  const places = frames.split('\n').flatMap((frame) => placesIn(frame, root));
  return places.find(({ file }) => !file.includes('node_modules/')) ?? null;
}

/**
 * The frames of a driver and its callers, innermost first, without Node's and dependencies'. A driver never awaits: a frame
 * that does, and those behind it, belong to what plays the driver.
 */
export function framesOf(stack: string, root: string): Frame[] {
  const lines = stack.split('\n').filter((line) => /^\s*at /.test(line));
  const outer = lines.findIndex((line) => /^\s*at async /.test(line));
  return lines
    .slice(0, outer < 0 ? lines.length : outer)
    .filter((line) => !OTHERS.test(line))
    .map((line) => {
      const [place = null] = placesIn(line, root);
      const [, name = ''] = (place === null ? /at (.*)$/ : /at (.*?) \(/).exec(line) ?? [];
      return { name, place };
    });
}

/** The frames of a driver's error, as it is thrown; empty for what is no error. */
export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? theirFrames(thrown.stack ?? '') : '';
}

/** Where a driver's error was thrown. */
export function placeOfError(thrown: unknown, root: string): Place | null {
  return placeOf(stackOf(thrown), root);
}

export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

function placesIn(frame: string, root: string): Place[] {
  const [, found = '', line, column] = FRAME.exec(frame) ?? [];
  if (found === '') return [];
  const path = found.startsWith('file://') ? decodeURIComponent(new URL(found).pathname) : found;
  const file = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  return [{ file, line: Number(line), column: Number(column) }];
}
