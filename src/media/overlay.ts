import { BLOCK, checkBuffer, type Medium } from './medium.ts';

/** As much is copied when a part of it is written first. */
const PAGE = 0x1000;
/** What an unmapped page reads as; never written. */
const ZEROS = new Uint8Array(PAGE);

/**
 * A disk over another, which is only read: what is written stays in memory, and goes when the disk is closed.
 *
 * @example
 * const disk = new OverlayMedium(FileMedium.open('boot.img', { readOnly: true }));
 * disk.write(0, sector, 0, 512);        // true; the file is as it was
 * disk.close();                         // closes the file, too
 *
 * @throws MisuseError for a buffer without the range that is asked for.
 */
export class OverlayMedium implements Medium {
  readonly blocks: number;
  readonly readOnly = false;
  private readonly below: Medium;
  private readonly size: number;
  private readonly pages = new Map<number, Uint8Array>();

  constructor(below: Medium) {
    this.below = below;
    this.blocks = below.blocks;
    this.size = below.blocks * BLOCK;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length)) return false;
    checkBuffer(into, at, length);
    if (this.pages.size === 0) return this.below.read(offset, into, at, length);
    while (length > 0) {
      const within = offset % PAGE;
      const n = Math.min(PAGE - within, length);
      const page = this.pages.get((offset - within) / PAGE);
      if (page !== undefined) into.set(page.subarray(within, within + n), at);
      else if (!this.below.read(offset, into, at, n)) return false;
      offset += n;
      at += n;
      length -= n;
    }
    return true;
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length)) return false;
    checkBuffer(from, at, length);
    while (length > 0) {
      const within = offset % PAGE;
      const n = Math.min(PAGE - within, length);
      const page = this.own(offset - within, n);
      if (page === null) return false;
      page.set(from.subarray(at, at + n), within);
      offset += n;
      at += n;
      length -= n;
    }
    return true;
  }

  unmap(offset: number, length: number): boolean {
    if (!this.holds(offset, length)) return false;
    while (length > 0) {
      const within = offset % PAGE;
      const n = Math.min(PAGE - within, length);
      if (n === PAGE) this.pages.set(offset / PAGE, ZEROS);
      else if (!this.write(offset, ZEROS, 0, n)) return false;
      offset += n;
      length -= n;
    }
    return true;
  }

  flush(): boolean {
    return true;
  }

  close(): void {
    this.pages.clear();
    this.below.close();
  }

  private holds(offset: number, length: number): boolean {
    if (!Number.isInteger(offset) || !Number.isInteger(length)) return false;
    return offset >= 0 && length >= 0 && offset + length <= this.size;
  }

  /** The page at `start` to write `n` bytes of; null where the disk below cannot give the others. */
  private own(start: number, n: number): Uint8Array | null {
    const there = this.pages.get(start / PAGE);
    if (there !== undefined && there !== ZEROS) return there;
    const page = new Uint8Array(PAGE);
    const length = Math.min(PAGE, this.size - start);
    if (there === undefined && n < length && !this.below.read(start, page, 0, length)) return null;
    this.pages.set(start / PAGE, page);
    return page;
  }
}
