import { checkBytes } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';

/** Bytes of a logical block. */
export const BLOCK = 512;

/**
 * What a disk keeps its blocks on, whatever its protocol. `offset` and `length` are bytes; neither need be whole
 * blocks, for a guest may cut a block into several pieces of memory. `false` is a medium error, and so is a range
 * that does not lie on the medium: the disk answers in its protocol. What yours throws is a medium error to the guest,
 * and reaches who made the access when that is done.
 */
export interface Medium {
  readonly blocks: number;
  readonly readOnly: boolean;
  read(offset: number, into: Uint8Array, at: number, length: number): boolean;
  write(offset: number, from: Uint8Array, at: number, length: number): boolean;
  /** The range reads as zeros from now on. */
  unmap(offset: number, length: number): boolean;
  /** Makes what was written so far survive a loss of power. */
  flush(): boolean;
  close(): void;
  /** Has so many bytes from now on, whole blocks. Left out: it never has another size. */
  resize?(bytes: number): void;
}

/** @throws MisuseError where `bytes` has no such range. */
export function checkBuffer(bytes: Uint8Array, at: number, length: number): void {
  checkBytes('medium.buffer', bytes);
  if (!(Number.isInteger(at) && at >= 0 && at + length <= bytes.length))
    throw new MisuseError('medium.at', at, `a place with ${length} bytes in a buffer of ${bytes.length}`);
}

export interface MediumOptions {
  readonly readOnly?: boolean;
}
