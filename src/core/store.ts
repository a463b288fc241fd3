import type { Kernels } from './wasm/kernels.ts';

/**
 * Up to this length a loop of 8-byte words is faster than `copyWithin`, whose call costs as much as 24 of them. The
 * words are integers: the bits of a NaN might change in a copy.
 */
const LOOP_MAX = 192;

/** Looked up once: the engine otherwise looks it up at every call, even in compiled code. */
const { copyWithin } = Uint8Array.prototype;

/** A buffer that holds guest RAM and the devices' staging: copies inside it need no view. */
export class Store {
  declare readonly bytes: Uint8Array;
  declare private readonly longs: BigInt64Array;

  /** @param bytes the part of the buffer in use, from an address that is a multiple of 8. */
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

  /** The reverse: copies from the offset `from` into the pieces, after their first `skip` bytes. */
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

/** As Store, in a `WebAssembly.Memory`. */
export class WasmStore extends Store {
  declare private readonly kernels: Kernels;
  /** Offset of its first byte in the memory. */
  declare private readonly base: number;

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
