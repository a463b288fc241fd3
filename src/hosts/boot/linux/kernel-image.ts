import { readBzImage } from './bz-image.ts';
import { isElf, readElf } from './elf-image.ts';
import type { KernelImage } from './image.ts';

/**
 * A `vmlinux` or a bzImage.
 *
 * @param wide there is a processor of 64 bits.
 * @throws MisuseError, in one line, for a file that is not an x86 Linux kernel, or not one for a 32-bit
 * processor.
 */
export function readKernel(bytes: Uint8Array, wide = false): KernelImage {
  return isElf(bytes) ? readElf(bytes, wide) : readBzImage(bytes, wide);
}
