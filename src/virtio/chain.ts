import type { RamRange } from '../core/memory.ts';
import type { Segments } from '../core/segments.ts';
import { PVIRTQ_DESC_F, pvirtq_desc } from './registers.ts';
import type { Chain } from './virtqueue.ts';

const DESC_WORDS = pvirtq_desc.size / 4;

/** The cursor that a queue owns and every pop overwrites. */
export class ChainCursor implements Chain {
  id = 0;
  count = 0;
  readableBytes = 0;
  writableBytes = 0;
  readonly address: Float64Array;
  readonly length: Uint32Array;
  readonly writable: Uint8Array;
  /** The RAM from address 0, in which every segment of a fast walk lies. */
  main: RamRange | null = null;
  /** Whether this chain came by the fast walk; else `range` says where each segment lies. */
  fast = false;
  private readonly range: RamRange[] = [];

  /** @param capacity the most segments of one chain: the queue's size. */
  constructor(capacity: number) {
    this.address = new Float64Array(capacity);
    this.length = new Uint32Array(capacity);
    this.writable = new Uint8Array(capacity);
  }

  /** Starts over for the general walk. */
  begin(id: number): void {
    this.id = id;
    this.count = 0;
    this.readableBytes = 0;
    this.writableBytes = 0;
    this.fast = false;
  }

  add(range: RamRange, address: number, length: number, write: boolean): void {
    const i = this.count++;
    this.range[i] = range;
    this.address[i] = address;
    this.length[i] = length;
    this.writable[i] = write ? 1 : 0;
    if (write) this.writableBytes += length;
    else this.readableBytes += length;
  }

  /** Takes all of a packed ring's indirect table in low RAM; false, with nothing decided, unless its buffers are plain. */
  fillFromTable(word: number, entries: number, most: number): boolean {
    const { address, length, writable } = this;
    const { words, size: ram } = this.main!;
    if (entries > most) return false;
    let total = 0;
    let written = 0;
    for (let i = 0; i < entries; i++) {
      const at = word + i * DESC_WORDS;
      const low = words[at]!;
      const len = words[at + 2]!;
      const flags = words[at + 3]! >>> 16;
      const write = flags >> 1;
      if (words[at + 1] !== 0 || (low | len) < 0 || len === 0 || low > ram - len) return false;
      if ((flags & ~PVIRTQ_DESC_F.WRITE) !== 0 || (write === 0 && written > 0)) return false;
      address[i] = low;
      length[i] = len;
      writable[i] = write;
      total += len;
      if (write === 1) written += len;
    }
    this.count = entries;
    this.readableBytes = total - written;
    this.writableBytes = written;
    this.fast = true;
    return true;
  }

  resolve(readable: Segments, writable: Segments): void {
    readable.clear();
    writable.clear();
    for (let i = 0; i < this.count; i++) {
      const range = this.fast ? this.main! : this.range[i]!;
      const list = this.writable[i] === 1 ? writable : readable;
      list.add(range.bytes, this.address[i]! - range.base, this.length[i]!);
    }
  }
}
