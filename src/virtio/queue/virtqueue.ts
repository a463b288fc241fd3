import type { Gpa } from '../../core/bits.ts';
import type { RamRange } from '../../core/memory.ts';
import type { Segments } from '../../core/segments.ts';
import type { Staging } from '../../core/staging.ts';
import type { Batch } from './batch/batch.ts';

/** A buffer of a chain, by its guest address. */
export interface ChainSegment {
  readonly address: Gpa;
  readonly length: number;
  /** Writable by the device; otherwise readable. */
  readonly writable: boolean;
}

/** The chain last popped: the next pop overwrites it. */
export interface Chain {
  /** Identifies the chain in `push`. */
  readonly id: number;
  readonly count: number;
  /** Readable and writable bytes. */
  readonly readableBytes: number;
  readonly writableBytes: number;
  /** Bytes of segment `index`; the readable ones come first. */
  lengthOf(index: number): number;
  /** Where it begins. */
  addressOf(index: number): Gpa;
  /** The RAM from address 0, if all its segments lie in it, and came as drivers mostly put them; else null. */
  readonly plainIn: RamRange | null;
  /** Address and length of segment i of such a chain, at 2i and 2i + 1. */
  readonly spans: Int32Array;
  /** Puts the segments, as raw bytes of guest RAM, into the two lists, after clearing them. */
  resolve(readable: Segments, writable: Segments): void;
  /** Copies the readable bytes into a device's staging, up to its size; returns how many. */
  gather(into: Staging): number;
  /** Copies the first `count` bytes of `from` into the writable part, `skip` bytes in; returns how many fitted. */
  write(from: Uint8Array, skip: number, count: number): number;
  /** Copies the first `count` bytes of a device's staging into the writable part; returns how many fitted. */
  scatter(from: Staging, count: number): number;
  /** The segments as a new list, for code that need not be fast. */
  segments(): readonly ChainSegment[];
}

/**
 * The device's end of a virtqueue; split and packed rings have the same interface. Completion is by id and in any
 * order, so a device may finish later and out of order.
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
  /** Number of entries; 0 for a queue that does not exist. */
  readonly size: number;
  /** The queue is configured, and its memory is RAM. */
  readonly ready: boolean;
  /** Takes the next available chain into `chain`; false if there is none, or the ring is broken. */
  pop(): boolean;
  readonly chain: Chain;
  /** Puts chain `id` into the used ring with `written` bytes; not visible to the guest before `flush`. */
  push(id: number, written: number): void;
  /**
   * Everything for one message: takes the next chain, writes both parts into it, puts it into the used ring and publishes.
   * Only if one buffer has room for the message, and the ring is not watched; otherwise false, with nothing done.
   */
  deliver(header: Int32Array, headerBytes: number, body: Uint8Array): boolean;
  /**
   * Takes the next chains at once, while they are plain; returns how many. Only if that is faster than `pop` and the ring
   * is not watched; otherwise 0, with nothing done.
   */
  take(batch: Batch): number;
  /** Answers the chains of a batch and puts them into the used ring; the batch is empty again. */
  give(batch: Batch): void;
  /** Puts the first `count` chains of the lists in; they stay adjacent and are published together. */
  pushTogether(ids: readonly number[], written: readonly number[], count: number): void;
  /** Gives back the last `count` chains popped and not pushed. */
  rewind(count: number): void;
  /** Publishes what was pushed, and interrupts unless the guest suppressed it. */
  flush(): void;
}
