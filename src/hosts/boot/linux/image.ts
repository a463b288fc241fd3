import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { Decoded } from '../../../core/struct.ts';
import { fileKind } from '../../../media/file-kind.ts';
import type { setup_header } from './boot-params.ts';

/** A part of a kernel that goes to one place in RAM; zeros follow `bytes`, up to `size`. */
export interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** A kernel, ready to be loaded into RAM. */
export interface KernelImage {
  readonly pieces: readonly Piece[];
  /** Where its code begins. */
  readonly entry: number;
  /** Its code is 64-bit. */
  readonly wide: boolean;
  /** The setup header of a bzImage. */
  readonly header: Decoded<typeof setup_header.members> | null;
  /** The last byte it may use before it reads the memory map. */
  readonly end: number;
}

/** Where the kernel's RAM begins: below lie its loader's structures, and a BIOS's areas. */
export const HIGH = 0x10_0000;

/** `said` has the kernel as its subject: `is a 64-bit kernel`. */
export function wrongKernel(said: string): MisuseError {
  return new MisuseError('kernel', 'a file', 'a kernel', said);
}

/** The error for a file that is not a kernel; it names the file's kind, if that is known. */
export function noKernel(bytes: Uint8Array): MisuseError {
  const kind = fileKind(bytes);
  const no = 'no kernel for x86 (a vmlinux, a bzImage or a Multiboot kernel)';
  if (kind === null) return wrongKernel(`is ${no}`);
  const instead = kind.instead === undefined ? '' : `: ${kind.instead}`;
  return wrongKernel(`is ${kind.is}, and ${no}${instead}`);
}

/** @param what the kind of file, with its article. */
export function wideKernel(what: string): MisuseError {
  return wrongKernel(
    `is ${what}, and v86 has a 32-bit CPU: take a kernel for i386, as Debian's linux-image-686`,
  );
}

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
