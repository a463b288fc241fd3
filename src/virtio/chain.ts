import type { RamRange } from '../core/memory.ts';
import type { Segments } from '../core/segments.ts';
import type { Chain } from './virtqueue.ts';

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
