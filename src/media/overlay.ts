import { checkMethods } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { BLOCK, checkBuffer, type Medium } from './medium.ts';

/** Bytes copied when a part of them is first written. */
const PAGE = 0x1000;
const ZEROS = new Uint8Array(PAGE);

/** Pages per chunk: one bit for each. */
const PIECE = 0x1_0000;
/** A chunk whose pages are all blank costs nothing. */
const ALL = new Uint8Array(PIECE / 8).fill(0xff);

/**
 * Tracks pages of a disk that read as zeros whatever lies below. Only chunks that are partly blank take memory.
 *
 * @example
 * const blank = new BlankPages();
 * blank.set(3, 8000);         // pages 3 to 7999
 * blank.has(4);               // true
 */
export class BlankPages {
  private readonly pieces = new Map<number, Uint8Array>();

  get none(): boolean {
    return this.pieces.size === 0;
  }

  has(page: number): boolean {
    const at = page % PIECE;
    const piece = this.pieces.get((page - at) / PIECE);
    return piece !== undefined && (piece[at >> 3]! & (1 << (at & 7))) !== 0;
  }

  clear(): void {
    this.pieces.clear();
  }

  /** Every blank page, ascending in each chunk. */
  *[Symbol.iterator](): Generator<number> {
    for (const [index, piece] of this.pieces)
      for (let at = 0; at < PIECE; at++)
        if ((piece[at >> 3]! & (1 << (at & 7))) !== 0) yield index * PIECE + at;
  }

  /** Pages `from` to `to` − 1. */
  set(from: number, to: number): void {
    while (from < to) {
      const at = from % PIECE;
      const index = (from - at) / PIECE;
      const n = Math.min(PIECE - at, to - from);
      if (n === PIECE) this.pieces.set(index, ALL);
      else this.setPart(index, at, at + n);
      from += n;
    }
  }

  private setPart(index: number, from: number, to: number): void {
    let piece = this.pieces.get(index);
    if (piece === ALL) return;
    if (piece === undefined) this.pieces.set(index, (piece = new Uint8Array(PIECE / 8)));
    for (; from < to && from % 8 !== 0; from++) piece[from >> 3]! |= 1 << (from & 7);
    for (; from + 8 <= to; from += 8) piece[from >> 3] = 0xff;
    for (; from < to; from++) piece[from >> 3]! |= 1 << (from & 7);
  }
}

/**
 * A copy-on-write disk over another, which is only read: writes stay in memory, and are lost when the disk is closed, unless
 * they are committed before.
 *
 * @example
 * const disk = new OverlayMedium(FileMedium.open('boot.img', { readOnly: true }));
 * disk.write(0, sector, 0, 512);        // true; the file is unchanged
 * disk.commit(copy);                    // true: a medium of yours has it now, too
 * disk.discard();                       // it is as the file is
 * disk.close();                         // closes the file, too
 *
 * @throws MisuseError for a buffer without the requested range, and for a medium that cannot take what is committed.
 */
export class OverlayMedium implements Medium {
  readonly blocks: number;
  readonly readOnly = false;
  readonly isCostly: boolean;
  private readonly below: Medium;
  private readonly size: number;
  private readonly pages = new Map<number, Uint8Array>();
  /** Unmapped pages; our own pages take precedence. */
  private readonly blank = new BlankPages();

  constructor(below: Medium) {
    this.below = below;
    this.isCostly = below.isCostly === true;
    this.blocks = below.blocks;
    this.size = below.blocks * BLOCK;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length)) return false;
    checkBuffer(into, at, length);
    if (this.pages.size === 0 && this.blank.none) return this.below.read(offset, into, at, length);
    while (length > 0) {
      const within = offset % PAGE;
      const n = Math.min(PAGE - within, length);
      const index = (offset - within) / PAGE;
      const page = this.pages.get(index);
      if (page !== undefined) into.set(page.subarray(within, within + n), at);
      else if (this.blank.has(index)) into.fill(0, at, at + n);
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
    const end = offset + length;
    const first = Math.ceil(offset / PAGE);
    const last = end === this.size ? Math.ceil(end / PAGE) : Math.floor(end / PAGE);
    if (first >= last) return this.zero(offset, end);
    if (!this.zero(offset, first * PAGE) || !this.zero(last * PAGE, end)) return false;
    this.forget(first, last);
    this.blank.set(first, last);
    return true;
  }

  extentAt(offset: number): { readonly mapped: boolean; readonly bytes: number } {
    const within = offset % PAGE;
    const index = (offset - within) / PAGE;
    const bytes = Math.min(PAGE - within, this.size - offset);
    if (this.pages.has(index)) return { mapped: true, bytes };
    if (this.blank.has(index)) return { mapped: false, bytes };
    const below = this.below.extentAt?.(offset) ?? { mapped: true, bytes };
    return { mapped: below.mapped, bytes: Math.min(bytes, below.bytes) };
  }

  flush(): boolean {
    return true;
  }

  /**
   * Writes what this disk has, and the one below has not, to `into`, and flushes that: a copy of the disk below, or that disk
   * once it is open for writing. False if it fails, when a part may be there. This disk keeps what it has.
   */
  commit(into: Medium): boolean {
    const { pages, blank, size } = this;
    checkMethods('commit.into', into, ['write', 'unmap', 'flush'], 'a medium');
    if (into.blocks !== this.blocks || into.readOnly)
      throw new MisuseError('commit.into', into, `a medium of ${this.blocks} blocks that can be written to`);
    for (const index of blank) {
      const length = Math.min(PAGE, size - index * PAGE);
      if (!pages.has(index) && !into.unmap(index * PAGE, length)) return false;
    }
    for (const [index, page] of pages)
      if (!into.write(index * PAGE, page, 0, Math.min(PAGE, size - index * PAGE))) return false;
    return into.flush();
  }

  /** Forgets what was written and unmapped. */
  discard(): void {
    this.pages.clear();
    this.blank.clear();
  }

  close(): void {
    this.discard();
    this.below.close();
  }

  private holds(offset: number, length: number): boolean {
    if (!Number.isInteger(offset) || !Number.isInteger(length)) return false;
    return offset >= 0 && length >= 0 && offset + length <= this.size;
  }

  /** Unmaps less than a page on either side of a border. */
  private zero(offset: number, end: number): boolean {
    while (offset < end) {
      const n = Math.min(PAGE - (offset % PAGE), end - offset);
      if (!this.write(offset, ZEROS, 0, n)) return false;
      offset += n;
    }
    return true;
  }

  /** Drops pages `first` to `last` − 1, iterating over whichever is fewer: the range, or the existing pages. */
  private forget(first: number, last: number): void {
    if (last - first < this.pages.size)
      for (let index = first; index < last; index++) this.pages.delete(index);
    else for (const index of this.pages.keys()) if (index >= first && index < last) this.pages.delete(index);
  }

  /** The page at `start` to write `n` bytes of; null if the disk below cannot read the others. */
  private own(start: number, n: number): Uint8Array | null {
    const index = start / PAGE;
    const there = this.pages.get(index);
    if (there !== undefined) return there;
    const page = new Uint8Array(PAGE);
    const length = Math.min(PAGE, this.size - start);
    if (n < length && !this.blank.has(index) && !this.below.read(start, page, 0, length)) return null;
    this.pages.set(index, page);
    return page;
  }
}
