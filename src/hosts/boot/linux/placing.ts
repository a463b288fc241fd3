import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { KernelImage } from './image.ts';

const PAGE = 4096;
/**
 * Loads a kernel to its address, and its initrd to pages below `end`.
 *
 * @returns where the initrd is.
 * @throws MisuseError if it does not fit.
 */
export function placeKernel(memory: GuestMemory, kernel: KernelImage, initrd: Uint8Array, end: Gpa): Gpa {
  if (kernel.end > end)
    throw new MisuseError(
      'memory.below4G',
      end,
      '',
      `RAM is free up to ${end}, this kernel takes ${kernel.end}`,
    );
  const at = Math.floor((end - initrd.length) / PAGE) * PAGE;
  if (at < kernel.end)
    throw new MisuseError(
      'initrd',
      initrd.length,
      `at most ${Math.max(0, end - kernel.end)} bytes beside this kernel`,
    );
  for (const piece of kernel.pieces) {
    memory.slice(piece.at, piece.size)!.fill(0);
    memory.write(piece.at, piece.bytes);
  }
  memory.write(at, initrd);
  return at;
}
