import type { GuestMemory, RamRange } from '../../core/memory.ts';
import { copyBytes, Segments } from '../../core/segments.ts';
import type { Staging } from '../../core/staging.ts';
import { PVIRTQ_DESC_F } from '../registers.ts';
import type { Chain, ChainSegment } from './virtqueue.ts';

const { WRITE } = PVIRTQ_DESC_F;
/** Bits allowed in an indirect table entry's word of id and flags. */
const TABLE_FORBIDDEN = ~(WRITE << 16) & ~0xffff;

/** The chain of a queue, overwritten by every pop. */
export class ChainCursor implements Chain {
  id = 0;
  count = 0;
  readableBytes = 0;
  writableBytes = 0;
  /**
   * Address and length of segment i at 2i and 2i + 1. One array of this type, because the engine checks each array that
   * it uses, and those of some other types for their shape too.
   */
  spans = new Int32Array(0);
  /** The RAM from address 0, which holds every segment of a fast walk. */
  main: RamRange | null = null;
  /** Whether this chain came by the fast walk; otherwise `range` and `address` locate each segment. */
  fast = false;
  private readonly range: RamRange[] = [];
  private address = new Float64Array(0);
  declare private readonly memory: GuestMemory;
  private readonly readable = new Segments();
  private readonly writable = new Segments();

  constructor(memory: GuestMemory) {
    this.memory = memory;
  }

  /**
   * Allocates room for chains: queues that are never set up need none.
   *
   * @param capacity maximum segments of one chain: the queue's size.
   */
  makeRoom(capacity: number): void {
    if (this.address.length === capacity) return;
    this.spans = new Int32Array(2 * capacity);
    this.address = new Float64Array(capacity);
  }

  /** Starts over for the general walk. */
  begin(): void {
    this.count = 0;
    this.readableBytes = 0;
    this.writableBytes = 0;
    this.fast = false;
  }

  add(range: RamRange, address: number, length: number, write: boolean): void {
    const i = this.count++;
    this.range[i] = range;
    this.address[i] = address;
    this.spans[(i << 1) | 1] = length;
    if (write) this.writableBytes += length;
    else this.readableBytes += length;
  }

  /**
   * Takes a packed ring's whole indirect table in low RAM; false, with nothing decided, unless its buffers are plain.
   *
   * @param last the last byte of RAM that a buffer may reach.
   */
  fillFromTable(word: number, entries: number, most: number, last: number): boolean {
    const { spans } = this;
    const { words } = this.main!;
    if (entries > most) return false;
    let readable = 0;
    let writable = 0;
    for (let i = 0; i < entries; i++) {
      const at = (word + (i << 2)) | 0;
      const low = words[at]!;
      const high = words[(at + 1) | 0]!;
      const len = words[(at + 2) | 0]!;
      const flags = words[(at + 3) | 0]!;
      const room = last - low;
      const outside = low | len | (len - 1) | room | (room - (len - 1));
      if ((high | (flags & TABLE_FORBIDDEN) | (outside >> 31)) !== 0) return false;
      if ((flags & (WRITE << 16)) !== 0) writable += len;
      else if (writable === 0) readable += len;
      else return false;
      spans[i << 1] = low;
      spans[(i << 1) | 1] = len;
    }
    this.count = entries;
    this.readableBytes = readable;
    this.writableBytes = writable;
    this.fast = true;
    return true;
  }

  get plainIn(): RamRange | null {
    return this.fast ? this.main : null;
  }

  lengthOf(index: number): number {
    return this.spans[(index << 1) | 1]! >>> 0;
  }

  addressOf(index: number): number {
    return this.fast ? this.spans[index << 1]! : this.address[index]!;
  }

  /** Segments have a length and the readable ones come first, so lists end where their bytes do. */
  resolve(readable: Segments, writable: Segments): void {
    readable.clear();
    writable.clear();
    writable.memory = this.memory;
    if (!this.fast) {
      this.resolveRanges(readable, writable);
      return;
    }
    const { spans, count, readableBytes } = this;
    const { bytes } = this.main!;
    let i = 0;
    for (; i < count && readable.total < readableBytes; i++)
      readable.add(bytes, spans[i << 1]!, spans[(i << 1) | 1]!);
    for (; i < count; i++) writable.add(bytes, spans[i << 1]!, spans[(i << 1) | 1]!);
  }

  gather(into: Staging): number {
    const { main, readableBytes, spans } = this;
    const { store, at } = into;
    if (!this.fast || store !== main!.store || into.length < readableBytes) return this.gatherAny(into);
    // The single readable buffer that most chains have needs no loop.
    if (spans[1] === readableBytes) store.copy(at, main!.start + spans[0]!, readableBytes);
    else store.gather(at, main!.start, spans, readableBytes);
    return readableBytes;
  }

  scatter(from: Staging, count: number): number {
    const { main, spans, writableBytes } = this;
    if (writableBytes === 0) return 0;
    const { store, at } = from;
    // Math.min would compare them as doubles.
    if (count > writableBytes) count = writableBytes;
    if (!this.fast || store !== main!.store || from.length < count || this.memory.dirty !== null)
      return this.scatterAny(from, count);
    const last = (this.count - 1) << 1;
    if (spans[last | 1] === writableBytes) store.copy(main!.start + spans[last]!, at, count);
    else store.scatter(at, main!.start, spans, this.readableBytes, count);
    return count;
  }

  write(from: Uint8Array, skip: number, count: number): number {
    const { spans } = this;
    if (!this.fast || this.memory.dirty !== null) return this.writeAny(from, skip, count);
    const { bytes } = this.main!;
    const room = this.writableBytes - skip;
    if (count > room) count = room;
    let done = 0;
    skip += this.readableBytes;
    for (let i = 0; done < count; i += 2) {
      const length = spans[i | 1]!;
      if (skip < length) {
        const n = Math.min(length - skip, count - done);
        copyBytes(from, done, bytes, spans[i]! + skip, n);
        done += n;
        skip = 0;
      } else skip -= length;
    }
    return done;
  }

  segments(): ChainSegment[] {
    let left = this.readableBytes;
    return Array.from({ length: this.count }, (_, i) => {
      const address = this.addressOf(i);
      const length = this.lengthOf(i);
      const writable = left === 0;
      if (!writable) left -= length;
      return { address, length, writable };
    });
  }

  /** Copies between any RAM and any staging. */
  private gatherAny(into: Staging): number {
    this.resolve(this.readable, this.writable);
    return this.readable.gather(into.bytes);
  }

  private scatterAny(from: Staging, count: number): number {
    this.resolve(this.readable, this.writable);
    return this.writable.scatter(from.bytes, 0, Math.min(count, from.length));
  }

  private writeAny(from: Uint8Array, skip: number, count: number): number {
    this.resolve(this.readable, this.writable);
    return this.writable.scatter(from, skip, count);
  }

  private resolveRanges(readable: Segments, writable: Segments): void {
    for (let i = 0; i < this.count; i++) {
      const list = readable.total < this.readableBytes ? readable : writable;
      const { bytes, base } = this.range[i]!;
      list.add(bytes, this.address[i]! - base, this.spans[(i << 1) | 1]! >>> 0);
    }
  }
}
