import type { Kernels } from './wasm/kernels.ts';

/**
 * Up to here a loop of 8-byte words is faster than `copyWithin`, whose call costs what 24 of them do. The words are
 * integers: a double that is no number might change on its way.
 */
const LOOP_MAX = 192;

/** Looked up once: the engine looks it up at every call otherwise, even where it compiles the call. */
const { copyWithin } = Uint8Array.prototype;

/** A buffer in which guest RAM lies, and devices' staging with it: copies inside it need no view. */
export class Store {
  readonly bytes: Uint8Array;
  private readonly longs: BigInt64Array;

  /** @param bytes all of the buffer that is seen, from an address that is a multiple of 8. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.longs = new BigInt64Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 8));
  }

  /** Copies `count` bytes from the offset `from` to the offset `to`; the two do not overlap. */
  copy(to: number, from: number, count: number): void {
    const { bytes, longs } = this;
    if (count > LOOP_MAX || ((to | from) & 7) !== 0) {
      copyWithin.call(bytes, to, from, from + count);
      return;
    }
    const words = count >> 3;
    for (let i = 0; i < words; i++) longs[(to >>> 3) + i] = longs[(from >>> 3) + i]!;
    for (let i = words << 3; i < count; i++) bytes[to + i] = bytes[from + i]!;
  }

  /** Copies `count` bytes to the offset `to` from the pieces that `spans` name: each an offset from `start` and a length. */
  gather(to: number, start: number, spans: Int32Array, count: number): void {
    for (let i = 0; count > 0; i += 2) {
      let n = spans[i + 1]!;
      if (n > count) n = count;
      this.copy(to, start + spans[i]!, n);
      to += n;
      count -= n;
    }
  }

  /** The same the other way, from the offset `from` into the pieces that come after the first `skip` bytes. */
  scatter(from: number, start: number, spans: Int32Array, skip: number, count: number): void {
    let i = 0;
    for (; skip > 0; i += 2) skip -= spans[i + 1]!;
    for (; count > 0; i += 2) {
      let n = spans[i + 1]!;
      if (n > count) n = count;
      this.copy(start + spans[i]!, from, n);
      from += n;
      count -= n;
    }
  }
}

/** The same in a `WebAssembly.Memory`. */
export class WasmStore extends Store {
  private readonly kernels: Kernels;
  /** Where its first byte lies in the memory. */
  private readonly base: number;

  constructor(bytes: Uint8Array, kernels: Kernels) {
    super(bytes);
    this.kernels = kernels;
    this.base = bytes.byteOffset;
  }

  override copy(to: number, from: number, count: number): void {
    const { base } = this;
    this.kernels.copy(base + to, base + from, count);
  }
}
