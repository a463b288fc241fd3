import type { GuestMemory } from '../../core/memory.ts';
import type { ChainSegment } from '../../virtio/queue/virtqueue.ts';

/** The bytes of buffers that lie apart, as if they lay together. */
export class Scattered {
  readonly length: number;
  private readonly memory: GuestMemory;
  private readonly segments: readonly ChainSegment[];

  constructor(memory: GuestMemory, segments: readonly ChainSegment[]) {
    this.memory = memory;
    this.segments = segments;
    this.length = segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** A copy of all of them. */
  get bytes(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    this.each((part, at) => bytes.set(part, at));
    return bytes;
  }

  /** Writes those that fit, from `to` on. */
  write(to: number, bytes: Iterable<number>): void {
    const all = this.bytes;
    const given = Uint8Array.from(bytes);
    if (to < all.length) all.set(given.subarray(0, all.length - to), to);
    this.each((part, at) => part.set(all.subarray(at, at + part.length)));
  }

  private each(does: (part: Uint8Array, at: number) => void): void {
    let at = 0;
    for (const { address, length } of this.segments) {
      const part = this.memory.slice(address, length);
      if (part !== null) does(part, at);
      at += length;
    }
  }
}
