import { createRequire } from 'node:module';

type Fallocate = (fd: number, mode: number, offset: number, length: number) => number;

/** FALLOC_FL_PUNCH_HOLE, which Linux takes with FALLOC_FL_KEEP_SIZE alone. */
const PUNCH_HOLE = 0x2 | 0x1;

let bound: Fallocate | null | undefined;

/**
 * Puts a hole in the place of a range of a file, which stays as long as it is. It reads as zeros at once, and survives a loss of
 * power after the next fsync.
 *
 * @returns false where the range is as it was, or in part: the package koffi is not there, or the file system makes no holes.
 */
export function punchHole(fd: number, offset: number, length: number): boolean {
  if (bound === undefined) bound = bindFallocate(createRequire(import.meta.url));
  return bound !== null && bound(fd, PUNCH_HOLE, offset, length) === 0;
}

/** What has offsets of 64 bits: glibc's second name may not, and musl has that alone. */
const NAMES = ['fallocate64', 'fallocate'];

/** Node has no such call; the package koffi makes it, and is loaded when the first hole is to be made. */
export function bindFallocate(require: (name: string) => unknown): Fallocate | null {
  for (const name of NAMES)
    try {
      const koffi = require('koffi') as { load(path: null): { func(words: string): Fallocate } };
      // Of what this process has loaded already.
      return koffi.load(null).func(`int ${name}(int, int, int64_t, int64_t)`);
    } catch {}
  return null;
}
