import { type Kernels, kernelsIn, lendKernels, memoryOf } from './kernels.ts';

/** Bytes for each user. */
export const SCRATCH_BYTES = 0x2_0000;
/** The users, and the area of each. */
const USERS = { sum: 0, frame: 1 } as const;

/** Bytes to work on until the call that filled them is done, and their kernels. */
export interface Scratch {
  readonly bytes: Uint8Array;
  /** Offset of the first byte in the memory. */
  readonly at: number;
  readonly kernels: Kernels;
}

/** Undefined before the first request, null without WebAssembly. */
let lent: { readonly buffer: ArrayBufferLike; readonly kernels: Kernels } | null | undefined;

/** The user's area in the process's one scratch memory; null without WebAssembly. */
export function scratchFor(user: keyof typeof USERS): Scratch | null {
  if (lent === undefined) lent = make();
  if (lent === null) return null;
  const at = USERS[user] * SCRATCH_BYTES;
  return { bytes: new Uint8Array(lent.buffer, at, SCRATCH_BYTES), at, kernels: lent.kernels };
}

function make(): NonNullable<typeof lent> | null {
  try {
    const memory = memoryOf(Object.keys(USERS).length * SCRATCH_BYTES);
    const kernels = memory && kernelsIn(memory);
    if (kernels === null) return null;
    lendKernels(memory!.buffer, kernels);
    return { buffer: memory!.buffer, kernels };
  } catch {
    // The process may be out of memories: each takes much address space.
    return null;
  }
}
