import { MisuseError } from '../../../core/misuse.ts';
import type { Decoded } from '../../../core/struct.ts';
import type { setup_header } from './boot-params.ts';

/** What of a kernel goes to one place in RAM; behind `bytes` zeros, up to `size`. */
export interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** A kernel, ready to be put into RAM. */
export interface KernelImage {
  readonly pieces: readonly Piece[];
  /** Where 32-bit code begins. */
  readonly entry: number;
  /** The header that a bzImage brings along. */
  readonly header: Decoded<typeof setup_header.members> | null;
  /** The last byte it may use before it reads the memory map. */
  readonly end: number;
}

/** Where RAM begins that is a kernel's alone: below are what its loader leaves for it, and what a BIOS had. */
export const HIGH = 0x10_0000;

/** `said` has the kernel as its subject: `is a 64-bit kernel`. */
export function wrongKernel(said: string): MisuseError {
  return new MisuseError('kernel', 'a file', 'a kernel', said);
}

export function noKernel(): MisuseError {
  return wrongKernel('is no Linux kernel for x86 (a vmlinux or a bzImage)');
}

export function wideKernel(): MisuseError {
  return wrongKernel('is a 64-bit kernel, and v86 has a 32-bit CPU');
}
