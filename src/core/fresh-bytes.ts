import { memoryOf } from './wasm/kernels.ts';

/** What is smaller costs the engine nothing that shows, and what is larger would leave much of a slab unused. */
const SHARED_MIN = 64 << 20;
const SHARED_MAX = 256 << 20;
/** RAM for 16 machines of 128 MiB: one that lives on keeps all of its slab, and a process of very large ones cannot fork. */
const SLAB_MAX = 2 ** 31;
const ALIGNED = 4096;

/** Zeroes that somebody had and needs no more; null for none. */
let back: Uint8Array | null = null;
/** Zeroes that nobody has yet: the rest of the last slab. */
let rest: Uint8Array = new Uint8Array(0);
/** How many bytes slabs had together. */
let given = 0;
/** How long a slab may be: half of what the host refused, for whoever asks in vain waits longest. */
let most = SLAB_MAX;

/**
 * Zeroes to be a machine's RAM. The engine looks for garbage whenever it hands out so large a buffer, which takes many times as long
 * as to make all else of a machine. So machines that are made one after another have their RAM in one buffer: the first two have one
 * of their own, and each further slab is as long as all before it, up to two GiB. The host gives it memory where it is written to.
 *
 * @throws RangeError where the process cannot have as much.
 */
export function freshBytes(length: number): Uint8Array {
  if (back?.length === length) {
    const again = back;
    back = null;
    return again;
  }
  if (length < SHARED_MIN || length > SHARED_MAX) return new Uint8Array(length);
  const room = Math.ceil(length / ALIGNED) * ALIGNED;
  if (room > rest.length) rest = slab(room);
  const bytes = rest.subarray(0, length);
  rest = rest.subarray(room);
  return bytes;
}

/** Lets the next who wants as many have them. @param bytes zeroes, which nobody else has. */
export function giveBack(bytes: Uint8Array): void {
  back = bytes;
}

/** @param least what somebody waits for. */
function slab(least: number): Uint8Array {
  const pieces = Math.floor(Math.min(given, most) / least);
  const length = Math.max(pieces, 1) * least;
  given += length;
  try {
    return zeroes(length);
  } catch {
    most = length / 2;
    return new Uint8Array(least);
  }
}

/** In a `WebAssembly.Memory` where there is such a thing: kernels copy and sum there, and it takes no longer to make. */
function zeroes(length: number): Uint8Array {
  return new Uint8Array(memoryOf(length)?.buffer ?? new ArrayBuffer(length), 0, length);
}
