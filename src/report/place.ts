import { theirFrames } from '../core/callers.ts';

/** A line of a driver's. */
export interface Place {
  /** Relative to the root folder, or else the whole path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `at send (file:///home/me/nic.ts:12:3)`, `at /home/me/nic.ts:12:3`. */
const FRAME = /(?:^|[\s(])((?:file:\/\/)?\/[^\n]*?):(\d+):(\d+)\)?$/;

/** Where a driver was by these lines of a stack: the innermost that is neither Node's nor a dependency's; null for nowhere. */
export function placeOf(frames: string, root: string): Place | null {
  const places = frames.split('\n').flatMap((frame) => placesIn(frame, root));
  return places.find(({ file }) => !file.includes('node_modules/')) ?? null;
}

/** Where a driver's error was thrown. */
export function placeOfError(thrown: unknown, root: string): Place | null {
  return thrown instanceof Error ? placeOf(theirFrames(thrown.stack ?? ''), root) : null;
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
