import type { Gpa } from '../core/bits.ts';
import type { GuestMemory, RamRange } from '../core/memory.ts';
import { copyBytes } from '../core/segments.ts';
import { setBytes } from '../core/set-bytes.ts';
import type { Staging } from '../core/staging.ts';
import { PAGE } from './registers/admin.ts';

const PAGE_SHIFT = 12;

/** What the addresses in descriptors mean: where bytes of packets lie. */
export interface Buffers {
  /** Whether `length` bytes from `address` on are the device's to use. */
  has(address: number, length: number): boolean;
  /** Copies out of them, to `at` in `into`. False, with nothing copied, if not all are the device's to use. */
  gather(into: Staging, at: number, address: number, length: number): boolean;
  /** Copies `count` bytes of `frame` from `from` on into them. Nothing is checked. */
  scatter(frame: Uint8Array, from: number, count: number, address: number): void;
}

/** Raw addressing: addresses are of RAM. */
export class RawBuffers implements Buffers {
  private readonly memory: GuestMemory;

  constructor(memory: GuestMemory) {
    this.memory = memory;
  }

  has(address: Gpa, length: number): boolean {
    return this.memory.find(address, length) !== null;
  }

  gather(into: Staging, at: number, address: Gpa, length: number): boolean {
    const range = this.memory.find(address, length);
    if (range === null) return false;
    const offset = address - range.base;
    if (range.store === into.store) into.store.copy(into.at + at, range.start + offset, length);
    else copyBytes(range.bytes, offset, into.bytes, at, length);
    return true;
  }

  /** Copies a whole frame to where `room` bytes are RAM, or does nothing. @returns that RAM. */
  put(frame: Uint8Array, address: Gpa, room: number): RamRange | null {
    const { memory } = this;
    const range = memory.find(address, room);
    if (range === null) return null;
    setBytes(range.bytes, frame, address - range.base);
    memory.dirty?.(address, address + frame.length, true);
    return range;
  }

  scatter(frame: Uint8Array, from: number, count: number, address: Gpa): void {
    const { memory } = this;
    const range = memory.find(address, count)!;
    copyBytes(frame, from, range.bytes, address - range.base, count);
    memory.dirty?.(address, address + count, true);
  }
}

/** A registered list of pages: an address is an offset in them, as if they lay one after the other. */
export class PageList implements Buffers {
  /** Addresses of the pages. */
  readonly pages: Float64Array;
  /** Queues that use it. */
  users = 0;
  private readonly raw: RawBuffers;

  /** @param pages of RAM, each a whole page. */
  constructor(pages: Float64Array, raw: RawBuffers) {
    this.pages = pages;
    this.raw = raw;
  }

  /** A page that went away with the RAM that it was in is not there either. */
  has(offset: number, length: number): boolean {
    if (offset + length > this.pages.length * PAGE) return false;
    const last = (offset + length - 1) >>> PAGE_SHIFT;
    for (let page = offset >>> PAGE_SHIFT; page <= last; page++)
      if (!this.raw.has(this.pages[page]!, PAGE)) return false;
    return true;
  }

  gather(into: Staging, at: number, offset: number, length: number): boolean {
    if (!this.has(offset, length)) return false;
    for (let done = 0; done < length; ) {
      const piece = pieceOf(offset + done, length - done);
      this.raw.gather(into, at + done, this.addressOf(offset + done), piece);
      done += piece;
    }
    return true;
  }

  scatter(frame: Uint8Array, from: number, count: number, offset: number): void {
    for (let done = 0; done < count; ) {
      const piece = pieceOf(offset + done, count - done);
      this.raw.scatter(frame, from + done, piece, this.addressOf(offset + done));
      done += piece;
    }
  }

  private addressOf(offset: number): Gpa {
    return this.pages[offset >>> PAGE_SHIFT]! + (offset & (PAGE - 1));
  }
}

/** Bytes up to the end of the page, at most `most`. */
function pieceOf(offset: number, most: number): number {
  const left = PAGE - (offset & (PAGE - 1));
  return Math.min(left, most);
}
