import { checkBytes } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';

/** Bytes of a logical block. */
export const BLOCK = 512;

/**
 * The storage of a disk, independent of its protocol. `offset` and `length` are bytes; neither need be whole blocks,
 * since a guest may split a block into several pieces of memory. `false` is a medium error, also for a range outside the
 * medium: the disk reports it in its protocol. An exception of your own medium is a medium error to the guest, and is
 * then thrown to the caller that made the access.
 */
export interface Medium {
  readonly blocks: number;
  readonly readOnly: boolean;
  read(offset: number, into: Uint8Array, at: number, length: number): boolean;
  write(offset: number, from: Uint8Array, at: number, length: number): boolean;
  /** A call costs more than copying what it moves: pieces of memory, and neighbours of a kick, are moved by one. Omitted: false. */
  readonly isCostly?: boolean;
  /** Makes the range read as zeros. */
  unmap(offset: number, length: number): boolean;
  /** How many bytes from `offset` on are alike: with data, or unmapped. Omitted: all may have data. */
  extentAt?(offset: number): { readonly mapped: boolean; readonly bytes: number };
  /** Makes what was written so far survive a loss of power: of this range, or of more. Without a range, all of it. */
  flush(offset?: number, length?: number): boolean;
  close(): void;
  /** Sets the size in bytes, a whole number of blocks. Omitted: the size is fixed. */
  resize?(bytes: number): void;
  /** Why the last call returned `false`: `full` if there is no room for what was written. Omitted: an error of the medium. */
  readonly failure?: 'full' | null;
  /** The power fails: what was not flushed may be lost. Omitted: nothing is. */
  powerCut?(): void;
}

/** @throws MisuseError if `bytes` has no such range. */
export function checkBuffer(bytes: Uint8Array, at: number, length: number): void {
  checkBytes('medium.buffer', bytes);
  if (!(Number.isInteger(at) && at >= 0 && at + length <= bytes.length))
    throw new MisuseError('medium.at', at, `a place with ${length} bytes in a buffer of ${bytes.length}`);
}

export interface MediumOptions {
  readonly readOnly?: boolean;
}
