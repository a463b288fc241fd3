import { readBzImage } from './bz-image.ts';
import { isElf, readElf } from './elf-image.ts';
import type { KernelImage } from './image.ts';

/**
 * A `vmlinux` or a bzImage.
 *
 * @throws MisuseError, in one line, for what is no 32-bit x86 Linux.
 */
export function readKernel(bytes: Uint8Array): KernelImage {
  return isElf(bytes) ? readElf(bytes) : readBzImage(bytes);
}
