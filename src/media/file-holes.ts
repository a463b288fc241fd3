import { createRequire } from 'node:module';

type Fallocate = (fd: number, mode: number, offset: number, length: number) => number;

/** FALLOC_FL_PUNCH_HOLE, which Linux accepts only with FALLOC_FL_KEEP_SIZE. */
const PUNCH_HOLE = 0x2 | 0x1;

let bound: Fallocate | null | undefined;

/**
 * Replaces a range of a file by a hole; the length stays. It reads as zeros at once, and survives a loss of power after
 * the next fsync.
 *
 * @returns false if the range is unchanged, or changed in part: koffi is missing, or the file system has no holes.
 */
export function punchHole(fd: number, offset: number, length: number): boolean {
  if (bound === undefined) bound = bindFallocate(createRequire(import.meta.url));
  return bound !== null && bound(fd, PUNCH_HOLE, offset, length) === 0;
}

/** Functions with 64-bit offsets: glibc's second name may not have them, and musl has only that. */
const NAMES = ['fallocate64', 'fallocate'];

/** Node has no such call; the package koffi makes it, and is loaded for the first hole. */
export function bindFallocate(require: (name: string) => unknown): Fallocate | null {
  for (const name of NAMES)
    try {
      const koffi = require('koffi') as { load(path: null): { func(words: string): Fallocate } };
      // From the libraries that this process has already loaded.
      return koffi.load(null).func(`int ${name}(int, int, int64_t, int64_t)`);
    } catch {}
  return null;
}
