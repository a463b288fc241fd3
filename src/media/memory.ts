import { checkBytes, checkObject } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { setBytes } from '../core/set-bytes.ts';
import { Views } from '../core/views.ts';
import { BLOCK, checkBuffer, type Medium, type MediumOptions } from './medium.ts';

const PAGE = 0x1_0000;
/** The usual length of guests' reads. A view of each page is kept, so that such a read allocates nothing. */
const VIEW = 0x1000;
/** Pages are found through a two-level table, so that a large empty disk costs little. */
const PAGES_PER_REGION = 256;
const REGION = PAGE * PAGES_PER_REGION;

/** 64 TiB, whose table takes 32 MiB; beyond, an empty disk would be expensive. */
const LARGEST = 64 * 2 ** 40;
export const DISK_SIZE = `a multiple of ${BLOCK} bytes, above 0 and up to 64 TiB`;

export function isDiskSize(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes > 0 && bytes <= LARGEST && bytes % BLOCK === 0;
}

class Page {
  readonly bytes = new Uint8Array(PAGE);
  readonly views = Array.from({ length: PAGE / VIEW }, (_, i) =>
    this.bytes.subarray(i * VIEW, (i + 1) * VIEW),
  );
}

/**
 * A disk in memory. Pages of 64 KiB are allocated when first written; the rest reads as zeros.
 *
 * @example
 * const disk = new MemoryMedium(10 * 2 ** 30);          // bytes: a multiple of 512
 * const image = MemoryMedium.from(bytes, { readOnly: true });
 * disk.write(512, bytes, 0, 512);                       // true
 *
 * @throws MisuseError for an invalid disk size, and for a buffer without the requested range.
 */
export class MemoryMedium implements Medium {
  readonly readOnly: boolean;
  private count: number;
  private regions: ((Page | undefined)[] | undefined)[];
  /** What was written from last, and views of it, once that was so twice in a row. */
  private from: Uint8Array | null = null;
  private views: Views | null = null;

  constructor(bytes: number, options: MediumOptions = {}) {
    if (!isDiskSize(bytes)) throw new MisuseError('disk.size', bytes, DISK_SIZE);
    checkObject('disk.options', options);
    this.count = bytes / BLOCK;
    this.readOnly = options.readOnly ?? false;
    this.regions = new Array(Math.ceil(bytes / REGION)).fill(undefined);
  }

  get blocks(): number {
    return this.count;
  }

  /** Shrinks the disk, or extends it with zeros. @throws MisuseError for an invalid disk size. */
  resize(bytes: number): void {
    if (!isDiskSize(bytes)) throw new MisuseError('disk.size', bytes, DISK_SIZE);
    const regions = Math.ceil(bytes / REGION);
    if (bytes < this.size) {
      this.regions.length = regions;
      this.clear(bytes, Math.min(this.size, regions * REGION) - bytes);
    }
    const more = regions - this.regions.length;
    if (more > 0) this.regions = this.regions.concat(new Array(more).fill(undefined));
    this.count = bytes / BLOCK;
  }

  /** A disk whose initial content is a copy of `bytes`. */
  static from(bytes: Uint8Array, options: MediumOptions = {}): MemoryMedium {
    checkBytes('disk.bytes', bytes);
    const medium = new MemoryMedium(bytes.length, options);
    medium.store(0, bytes, 0, bytes.length);
    return medium;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length)) return false;
    checkBuffer(into, at, length);
    if (length >= PAGE) this.readPages(offset, into, at, length);
    else this.readViews(offset, into, at, length);
    return true;
  }

  /** Much at once: a page costs one call, and no view but at both ends. */
  private readPages(offset: number, into: Uint8Array, at: number, length: number): void {
    while (length > 0) {
      const within = offset & (PAGE - 1);
      const n = Math.min(PAGE - within, length);
      const bytes = this.page(offset)?.bytes;
      if (bytes === undefined) into.fill(0, at, at + n);
      else setBytes(into, n === PAGE ? bytes : bytes.subarray(within, within + n), at);
      offset += n;
      at += n;
      length -= n;
    }
  }

  private readViews(offset: number, into: Uint8Array, at: number, length: number): void {
    while (length > 0) {
      const within = offset & (VIEW - 1);
      const n = Math.min(VIEW - within, length);
      const view = this.page(offset)?.views[(offset & (PAGE - 1)) >>> 12];
      if (view === undefined) into.fill(0, at, at + n);
      else setBytes(into, n === VIEW ? view : view.subarray(within, within + n), at);
      offset += n;
      at += n;
      length -= n;
    }
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (this.readOnly || !this.holds(offset, length)) return false;
    checkBuffer(from, at, length);
    this.store(offset, from, at, length);
    return true;
  }

  unmap(offset: number, length: number): boolean {
    if (this.readOnly || !this.holds(offset, length)) return false;
    this.clear(offset, length);
    return true;
  }

  extentAt(offset: number): { mapped: boolean; bytes: number } {
    const mapped = this.page(offset) !== undefined;
    let end = Math.floor(offset / PAGE) * PAGE + PAGE;
    while (end < this.size && (this.page(end) !== undefined) === mapped)
      end += this.regions[Math.floor(end / REGION)] === undefined ? REGION - (end % REGION) : PAGE;
    return { mapped, bytes: Math.min(end, this.size) - offset };
  }

  flush(): boolean {
    return true;
  }

  close(): void {
    this.from = this.views = null;
  }

  private get size(): number {
    return this.count * BLOCK;
  }

  private holds(offset: number, length: number): boolean {
    if (!Number.isInteger(offset) || !Number.isInteger(length)) return false;
    return offset >= 0 && length >= 0 && offset + length <= this.size;
  }

  private store(offset: number, from: Uint8Array, at: number, length: number): void {
    const views = this.viewsOf(from);
    while (length > 0) {
      const within = offset & (PAGE - 1);
      const n = Math.min(PAGE - within, length);
      const view = views === null ? from.subarray(at, at + n) : views.of(at, at + n);
      setBytes(this.grow(offset).bytes, view, within);
      offset += n;
      at += n;
      length -= n;
    }
  }

  /** A guest's RAM comes again and again, and so do its buffers. */
  private viewsOf(from: Uint8Array): Views | null {
    if (this.from !== from) {
      this.from = from;
      this.views = null;
    } else this.views ??= new Views(from);
    return this.views;
  }

  private clear(offset: number, length: number): void {
    while (length > 0) {
      const region = Math.floor(offset / REGION);
      const n = Math.min((region + 1) * REGION - offset, length);
      if (n === REGION) this.regions[region] = undefined;
      else if (this.regions[region] !== undefined) this.clearIn(this.regions[region], offset % REGION, n);
      offset += n;
      length -= n;
    }
  }

  /** The same within a region. */
  private clearIn(region: (Page | undefined)[], offset: number, length: number): void {
    while (length > 0) {
      const within = offset & (PAGE - 1);
      const n = Math.min(PAGE - within, length);
      if (n === PAGE) region[offset >>> 16] = undefined;
      else region[offset >>> 16]?.bytes.fill(0, within, within + n);
      offset += n;
      length -= n;
    }
  }

  private page(offset: number): Page | undefined {
    return this.regions[Math.floor(offset / REGION)]?.[(offset & (REGION - 1)) >>> 16];
  }

  private grow(offset: number): Page {
    const region = (this.regions[Math.floor(offset / REGION)] ??= new Array(PAGES_PER_REGION).fill(
      undefined,
    ));
    return (region[(offset & (REGION - 1)) >>> 16] ??= new Page());
  }
}
