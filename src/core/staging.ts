import { Store } from './store.ts';

/** Alignment to a processor's cache line, like page-aligned guest buffers: copies start at the same byte of a word. */
const ALIGNED = 64;

/**
 * A device's own bytes, in one buffer with guest RAM where there is room for them: copies between the two are then
 * fastest. They last from one request to the next, but not when guest RAM moves to another buffer.
 */
export class Staging {
  declare readonly length: number;
  /** The bytes, until the memory's `epoch` changes. */
  declare bytes: Uint8Array;
  /** Where they lie: `store.bytes[at]` is the first. */
  declare store: Store;
  declare at: number;
  /** Where they lie in the buffer. The engine asks a view for it by a call. */
  declare offset: number;

  constructor(length: number, store: Store = new Store(new Uint8Array(length)), at = 0) {
    this.length = length;
    this.store = store;
    this.at = at;
    this.bytes = store.bytes.subarray(at, at + length);
    this.offset = this.bytes.byteOffset;
  }

  /** @internal */
  move(store: Store, at: number): void {
    this.store = store;
    this.at = at;
    this.bytes = store.bytes.subarray(at, at + this.length);
    this.offset = this.bytes.byteOffset;
  }
}

/** The part of a buffer that is given to devices permanently, piece by piece. */
export class StagingArea {
  store: Store;
  private readonly from: number;
  private readonly end: number;
  private next: number;
  private readonly given: Staging[] = [];

  constructor(store: Store, from: number, length: number) {
    this.store = store;
    this.from = this.next = from;
    this.end = from + length;
  }

  /** Gives bytes outside the area when it is used up. */
  give(length: number): Staging {
    const at = Math.ceil(this.next / ALIGNED) * ALIGNED;
    if (at + length > this.end) return new Staging(length);
    this.next = at + length;
    const staging = new Staging(length, this.store, at);
    this.given.push(staging);
    return staging;
  }

  /** Whether this part of a buffer overlaps the area. */
  meets(buffer: ArrayBufferLike, at: number, length: number): boolean {
    const { bytes } = this.store;
    const from = at - bytes.byteOffset;
    return bytes.buffer === buffer && from < this.end && this.from < from + length;
  }

  /** Zeroes the area. */
  clear(): void {
    this.store.bytes.fill(0, this.from, this.next);
  }

  /** The buffer was replaced by another that has the area at the same place. */
  move(store: Store): void {
    this.store = store;
    for (const staging of this.given) staging.move(store, staging.at);
  }

  /** The buffer is detached: each piece gets bytes of its own. */
  dissolve(): null {
    for (const staging of this.given) staging.move(new Store(new Uint8Array(staging.length)), 0);
    return null;
  }
}
