/** Bytes of a logical block. */
export const BLOCK = 512;

/**
 * What a disk keeps its blocks on, whatever its protocol. `offset` and `length` are bytes; neither need be whole
 * blocks, for a guest may cut a block into several pieces of memory. `false` is a medium error, and so is a range
 * that does not lie on the medium: the disk answers in its protocol, so nothing here throws.
 */
export interface Medium {
  readonly blocks: number;
  readonly readOnly: boolean;
  read(offset: number, into: Uint8Array, at: number, length: number): boolean;
  write(offset: number, from: Uint8Array, at: number, length: number): boolean;
  /** The range reads as zeros from now on. */
  unmap(offset: number, length: number): boolean;
  /** What was written survives a loss of power from now on. */
  flush(): boolean;
  close(): void;
}

export interface MediumOptions {
  readonly readOnly?: boolean;
}
