import type { Segments } from '../core/segments.ts';

/**
 * The chain last popped: columns that the next pop overwrites.
 *
 * Segment i is `length[i]` bytes at guest address `address[i]`; the device writes it if `writable[i]` is 1.
 */
export interface Chain {
  /** Names the buffer to `push`. */
  readonly id: number;
  readonly count: number;
  readonly address: ArrayLike<number>;
  readonly length: ArrayLike<number>;
  readonly writable: ArrayLike<number>;
  /** Bytes the device may read, and may write. */
  readonly readableBytes: number;
  readonly writableBytes: number;
  /** Puts the segments, as raw bytes of guest RAM, into the two lists, after clearing them. */
  resolve(readable: Segments, writable: Segments): void;
}

/**
 * The device's end of a virtqueue; split and packed rings have the same face. Completion is by id and in any
 * order, so a device may finish later and out of turn.
 *
 * @example
 * while (queue.pop()) {
 *   queue.chain.resolve(readable, writable);
 *   const written = writable.scatter(answer);
 *   queue.push(queue.chain.id, written);
 * }
 * queue.flush();                      // publishes once, interrupts at most once
 */
export interface Virtqueue {
  readonly index: number;
  /** Entries; 0 is a queue that does not exist. */
  readonly size: number;
  /** The guest gave it memory, and that memory is RAM. */
  readonly ready: boolean;
  /** Takes the next available chain into `chain`; false if there is none, or the ring is broken. */
  pop(): boolean;
  readonly chain: Chain;
  /** Puts chain `id` into the used ring with `written` bytes; not visible to the guest before `flush`. */
  push(id: number, written: number): void;
  /** Gives back the last `count` chains popped and not pushed. */
  rewind(count: number): void;
  /** Publishes what was pushed, and interrupts unless the guest suppressed it. */
  flush(): void;
}
