import type { Segments } from '../../core/segments.ts';
import { BLOCK, type Medium } from '../../media/medium.ts';

/**
 * Moves `bytes` between the medium, from `offset`, and the segments; returns how many were moved before the medium
 * failed. Adjacent segments take one call.
 *
 * @param failedAt how many were moved before a call that has failed: what is before is not moved again, and that call not made again.
 */
export function transfer(
  medium: Medium,
  write: boolean,
  offset: number,
  segments: Segments,
  bytes: number,
  failedAt = -1,
): number {
  let done = 0;
  for (let i = 0; done < bytes && i < segments.count; ) {
    const buffer = segments.bytes[i]!;
    const at = segments.offset[i]!;
    let run = segments.length[i++]!;
    while (i < segments.count && segments.bytes[i] === buffer && segments.offset[i] === at + run)
      run += segments.length[i++]!;
    const n = Math.min(run, bytes - done);
    const isMoved =
      done < failedAt || (done !== failedAt && move(medium, write, offset + done, buffer, at, n));
    const moved = isMoved ? n : blockwise(medium, write, offset + done, buffer, at, n);
    done += moved;
    if (moved < n) break;
  }
  // The part of a failed block that a medium wrote counts as written too.
  if (!write) segments.wrote(0, bytes);
  return done;
}

/** Repeats the transfer block by block, to find the one that fails: sense data name it. */
function blockwise(
  medium: Medium,
  write: boolean,
  offset: number,
  buffer: Uint8Array,
  at: number,
  length: number,
): number {
  let done = 0;
  while (done < length) {
    const n = Math.min(BLOCK - ((offset + done) % BLOCK), length - done);
    if (!move(medium, write, offset + done, buffer, at + done, n)) break;
    done += n;
  }
  return done;
}

function move(
  medium: Medium,
  write: boolean,
  offset: number,
  buffer: Uint8Array,
  at: number,
  length: number,
): boolean {
  return write ? medium.write(offset, buffer, at, length) : medium.read(offset, buffer, at, length);
}
