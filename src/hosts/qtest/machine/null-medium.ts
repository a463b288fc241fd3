import { BLOCK, type Medium } from '../../../media/medium.ts';

/** QEMU's null-co: reads as zeros, and discards writes. */
export class NullMedium implements Medium {
  blocks: number;
  readonly readOnly: boolean;

  constructor(bytes: number, readOnly: boolean) {
    this.blocks = Math.floor(bytes / BLOCK);
    this.readOnly = readOnly;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length)) return false;
    into.fill(0, at, at + length);
    return true;
  }

  write(offset: number, _from: Uint8Array, _at: number, length: number): boolean {
    return this.holds(offset, length);
  }

  unmap(offset: number, length: number): boolean {
    return this.holds(offset, length);
  }

  resize(bytes: number): void {
    this.blocks = Math.floor(bytes / BLOCK);
  }

  flush(): boolean {
    return true;
  }

  close(): void {}

  private holds(offset: number, length: number): boolean {
    return offset >= 0 && length >= 0 && offset + length <= this.blocks * BLOCK;
  }
}
