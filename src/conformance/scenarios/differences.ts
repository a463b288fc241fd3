import { hex } from '../../core/bits.ts';

/** @throws DataError with the first byte of `what` in which `got` differs from the expected one. */
export function demandBytes(what: string, got: Uint8Array, due: Uint8Array): void {
  if (got.length !== due.length)
    throw new DataError(`${what}: ${got.length} bytes, where ${due.length} were due`);
  const at = firstDifference(got, due);
  if (at >= 0)
    throw new DataError(
      `${what}: byte ${at} of ${due.length} is ${hex(got[at]!, 2)}, where ${hex(due[at]!, 2)} was due`,
    );
}

/**
 * The same frames in the same order.
 *
 * @param came where `got` was seen: `out at the wire`.
 * @throws DataError with the first frame that is missing or wrong.
 */
export function demandFrames(came: string, got: readonly Uint8Array[], due: readonly Uint8Array[]): void {
  for (const [i, frame] of due.entries()) {
    const what = `frame ${i + 1} of ${due.length}, ${frame.length} bytes`;
    const one = got[i];
    if (one !== undefined && isSame(one, frame)) continue;
    const isLost = one === undefined || due.slice(i + 1).some((later) => isSame(later, one));
    if (isLost) throw new DataError(`${what}, did not come ${came}`);
    demandBytes(`${what}, as it came ${came}`, one, frame);
  }
  const more = got.length - due.length;
  if (more > 0) throw new DataError(`${more} more than ${due.length} frames came ${came}`);
}

/** Frames in the order of the expected ones; unexpected ones come last. */
export function inOrderOf(due: readonly Uint8Array[], got: readonly Uint8Array[]): Uint8Array[] {
  const rest = [...got];
  const found = due.flatMap((frame) => {
    const at = rest.findIndex((one) => isSame(one, frame));
    return at < 0 ? [] : rest.splice(at, 1);
  });
  return [...found, ...rest];
}

/** -1 for none. */
function firstDifference(got: Uint8Array, due: Uint8Array): number {
  for (let i = 0; i < due.length; i++) if (got[i] !== due[i]) return i;
  return -1;
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && firstDifference(one, other) < 0;
}

/** A driver moved wrong data: other bytes, another number of frames. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
