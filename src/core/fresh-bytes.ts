import { memoryOf } from './wasm/kernels.ts';

/** Shorter buffers cost the engine no measurable time; longer ones would leave much of a slab unused. */
const SHARED_MIN = 64 << 20;
const SHARED_MAX = 256 << 20;
/** RAM for 16 machines of 128 MiB. One live machine keeps its slab, and a process with very large slabs cannot fork. */
const SLAB_MAX = 2 ** 31;
const ALIGNED = 4096;

/** Zeroed bytes that were given back; null for none. */
let back: Uint8Array | null = null;
/** Zeroed bytes not handed out yet: the rest of the last slab. */
let rest: Uint8Array = new Uint8Array(0);
/** Total length of all slabs so far. */
let given = 0;
/** The longest slab allowed: half of what the host last refused, since a failing allocation takes longest. */
let most = SLAB_MAX;

/**
 * Zeroed bytes for a machine's RAM. The engine collects garbage for each buffer this large, which takes many times as long
 * as making the rest of a machine. So machines made one after another share buffers: the first two have one of their own,
 * and each further slab is as long as all before it, up to two GiB. The host commits memory only where it is written.
 *
 * @throws RangeError if the process cannot allocate that much.
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

/** Makes bytes available to the next request of the same length. @param bytes zeroes without another owner. */
export function giveBack(bytes: Uint8Array): void {
  back = bytes;
}

/** @param least the length that is needed now. */
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

/** In a `WebAssembly.Memory` if there is one: kernels copy and sum there, and it takes no longer to make. */
function zeroes(length: number): Uint8Array {
  return new Uint8Array(memoryOf(length)?.buffer ?? new ArrayBuffer(length), 0, length);
}
