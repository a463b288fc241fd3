import { type Kernels, kernelsIn, lendKernels, memoryOf } from './kernels.ts';

/** So many bytes each may use. */
export const SCRATCH_BYTES = 0x2_0000;
/** Who uses them, and which. */
const USERS = { sum: 0, frame: 1 } as const;

/** Bytes to work on until the call that put them there is done, and what works there. */
export interface Scratch {
  readonly bytes: Uint8Array;
  /** The first of them, in the memory. */
  readonly at: number;
  readonly kernels: Kernels;
}

/** Undefined before somebody asks, null where there is no WebAssembly. */
let lent: { readonly buffer: ArrayBufferLike; readonly kernels: Kernels } | null | undefined;

/** Of one `WebAssembly.Memory` that the process has; null where there is none. */
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
    // The process may have no more memories: each takes much of its addresses.
    return null;
  }
}
