import { readBzImage } from './bz-image.ts';
import { isElf, readElf } from './elf-image.ts';
import type { KernelImage } from './image.ts';

/**
 * A `vmlinux` or a bzImage.
 *
 * @param wide there is a processor of 64 bits.
 * @throws MisuseError, in one line, for what is no x86 Linux, or none for a processor of 32 bits.
 */
export function readKernel(bytes: Uint8Array, wide = false): KernelImage {
  return isElf(bytes) ? readElf(bytes, wide) : readBzImage(bytes, wide);
}
