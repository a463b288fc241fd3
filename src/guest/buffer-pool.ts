import type { Gpa } from '../core/bits.ts';
import type { GuestPort } from '../core/guest-port.ts';

/**
 * Buffers of one size, allocated when the pool is empty and kept for reuse. No two are adjacent, so a device that runs
 * over the end of one is detected.
 *
 * @example
 * const pages = new BufferPool(port, 4096, 4096);
 * const page = pages.take();
 * pages.give(page);
 * pages.release();
 */
export class BufferPool {
  /** Bytes of each buffer. */
  readonly size: number;
  private readonly port: GuestPort;
  private readonly align: number;
  private readonly all: Gpa[] = [];
  private readonly free: Gpa[] = [];

  constructor(port: GuestPort, size: number, align: number) {
    this.port = port;
    this.size = size;
    this.align = align;
  }

  /** Its content is undefined. */
  take(): Gpa {
    return this.free.pop() ?? this.grow();
  }

  give(buffer: Gpa): void {
    this.free.push(buffer);
  }

  /** Enough buffers for `bytes`. */
  takeFor(bytes: number): Gpa[] {
    const buffers: Gpa[] = [];
    for (let left = bytes; left > 0; left -= this.size) buffers.push(this.take());
    return buffers;
  }

  giveAll(buffers: readonly Gpa[]): void {
    this.free.push(...buffers);
  }

  /** Frees all memory, including buffers in use. Call it after their device was reset. */
  release(): void {
    for (const buffer of this.all.splice(0)) this.port.release(buffer);
    this.free.length = 0;
  }

  private grow(): Gpa {
    const buffer = this.port.allocate(this.size, this.align);
    this.all.push(buffer);
    return buffer;
  }
}
