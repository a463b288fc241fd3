import { Buffer } from 'node:buffer';
import type { Gpa } from './bits.ts';
import { freshBytes, giveBack } from './fresh-bytes.ts';
import { MisuseError } from './misuse.ts';
import { setBytes } from './set-bytes.ts';
import type { Staging } from './staging.ts';
import type { Store } from './store.ts';
import { Stores } from './stores.ts';
import type { HasBuffer } from './wasm/kernels.ts';

/** The highest start of the 32-bit PCI hole: RAM beyond goes on at 4 GiB. */
export const RAM_BELOW_4G_MAX = 0xc000_0000;
export const FOUR_GIB = 0x1_0000_0000;

/** Device staging behind RAM in our own buffer: frames of 64 KiB for a few cards, three for each, and small structures. */
const STAGING_BYTES = 0x10_0000;
/** Bytes compared and copied at once. */
const PIECE = 0x1_0000;
const ZEROES = Buffer.alloc(PIECE);

/** Guest RAM that lies in one piece, in guest addresses and in the host's buffer. */
export class RamRange {
  declare readonly base: Gpa;
  declare readonly size: number;
  /** `bytes[gpa - base]`. */
  declare readonly bytes: Uint8Array;
  declare readonly halves: Uint16Array;
  declare readonly words: Int32Array;
  declare readonly view: DataView;
  /** The store that it is part of, and where: `store.bytes[start + gpa - base]`. */
  declare readonly store: Store;
  declare readonly start: number;

  constructor(base: Gpa, bytes: Uint8Array, store: Store) {
    if (base % 4096 !== 0) throw new MisuseError('memory.base', base, 'a multiple of 4096');
    if (bytes.byteOffset % 8 !== 0 || bytes.length % 4096 !== 0)
      throw new MisuseError('memory.bytes', bytes.length, 'a multiple of 4096 bytes, aligned to 8');
    this.store = store;
    this.start = bytes.byteOffset - store.bytes.byteOffset;
    this.base = base;
    this.size = bytes.length;
    this.bytes = bytes;
    this.halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Copies the header in whole words, which may overwrite the bytes after it, then the body after `headerBytes` bytes. */
  fill(at: number, header: Int32Array, headerBytes: number, body: Uint8Array): void {
    const { bytes, words } = this;
    for (let i = 0; i << 2 < headerBytes; i++) words[(at >> 2) + i] = header[i]!;
    setBytes(bytes, body, at + headerBytes);
  }
}

/** Exchanging it is a barrier: engines have no other. */
const BARRIER = new Int32Array(1);

/**
 * `isData` if the bytes are payload of a guest's buffer, which the guest may execute: not rings, nor bytes of a buffer
 * before it is returned, nor a device's own structures.
 */
type DirtyHook = (from: Gpa, to: Gpa, isData: boolean) => void;

/** Waits until CPUs see what devices wrote. */
export interface Held {
  /** The writes are visible. */
  resume(): void;
}

/** Delays device writes until CPUs see them. */
export interface Delay {
  /** Whether a write is delayed; `held` is then resumed once, when none is any more. */
  holds(held: Held): boolean;
}

/**
 * Guest RAM as devices see it: sorted ranges, each a raw view of a buffer of ours or of a host's (ArrayBuffer,
 * SharedArrayBuffer or WebAssembly.Memory). Nothing here reaches past a range.
 *
 * @example
 * const memory = GuestMemory.of(128 << 20);
 * const range = memory.find(0x1000, 64);     // null when a byte of it is not RAM
 * range?.bytes[0x1000 - range.base];
 * memory.replace(0, grown);                  // the host's buffer moved: `epoch` changes
 */
export class GuestMemory {
  /** Counts changes of the ranges and of `dirty`; code that caches a view compares it once per kick. */
  epoch = 0;
  ranges: readonly RamRange[] = [];
  /** Set by a host that makes device writes visible to its CPUs itself: a device publishes nothing before. */
  delay: Delay | null = null;
  /** The guest's CPUs run while devices do. Set before any queue is set up. */
  hasCpusBeside = false;
  /** Holds the buffer of RAM from 0, if others hold it too. */
  holder: HasBuffer | null;
  private hook: DirtyHook | null = null;
  private last: RamRange | null = null;
  private readonly stores: Stores;

  /**
   * @param holder holds a buffer that is replaced when it grows, as a `WebAssembly.Memory` does.
   * @param own the part of the buffer that is ours, if others have RAM in it too.
   */
  constructor(holder: HasBuffer | null = null, own: Uint8Array | null = null) {
    this.holder = holder;
    this.stores = new Stores(holder, own);
  }

  /**
   * @param bytes RAM in bytes, a multiple of 4096. What exceeds 3 GiB, or `below`, lies from 4 GiB up.
   * @param buffer memory to lend; a fresh one otherwise. At least `bytes` and `staging` long. RAM begins where a
   * lent view begins.
   * @param below the most RAM below 4 GiB, a multiple of 4096.
   * @param staging bytes behind RAM that devices may use as theirs; none of a lent buffer unless you say so.
   */
  static of(
    bytes: number,
    buffer?: ArrayBufferLike | HasBuffer,
    below: number = RAM_BELOW_4G_MAX,
    staging: number = buffer === undefined ? STAGING_BYTES : 0,
  ): GuestMemory {
    const own = buffer === undefined ? freshBytes(bytes + staging) : null;
    const lent = own ?? buffer!;
    const whole = 'buffer' in lent ? lent.buffer : lent;
    const [at, length] = ArrayBuffer.isView(lent)
      ? [lent.byteOffset, lent.byteLength]
      : [0, whole.byteLength];
    if (length < bytes + staging)
      throw new MisuseError('memory.buffer', length, `at least ${bytes + staging} bytes`);
    const low = Math.min(bytes, below);
    const memory = new GuestMemory('buffer' in lent && !ArrayBuffer.isView(lent) ? lent : null, own);
    memory.map(0, new Uint8Array(whole, at, low));
    if (bytes > low) memory.map(FOUR_GIB, new Uint8Array(whole, at + low, bytes - low));
    if (staging > 0) memory.stores.reserve(whole, at + bytes, staging);
    return memory;
  }

  /** For hosts that cache code: called with every range of bytes a device wrote. Setting it begins an epoch. */
  get dirty(): DirtyHook | null {
    return this.hook;
  }

  set dirty(hook: DirtyHook | null) {
    this.hook = hook;
    this.epoch++;
  }

  /** The `WebAssembly.Memory` that RAM and the devices' staging lie in, if any. */
  get within(): HasBuffer | null {
    return this.stores.within;
  }

  /** Returns our own bytes for reuse; the machine then has no RAM. The caller must have zeroed RAM. */
  giveBack(): void {
    this.setRanges([]);
    const own = this.stores.takeOwn();
    if (own !== null) giveBack(own);
  }

  /** Orders stores before it, as other CPUs see them, before loads after it. */
  fence(): void {
    if (this.hasCpusBeside) Atomics.exchange(BARRIER, 0, 0);
  }

  /** All RAM, in bytes. */
  get size(): number {
    return this.ranges.reduce((sum, range) => sum + range.size, 0);
  }

  map(base: Gpa, bytes: Uint8Array): void {
    const range = new RamRange(base, bytes, this.stores.of(bytes));
    const clash = this.ranges.find((r) => base < r.base + r.size && r.base < base + bytes.length);
    if (clash) throw new MisuseError('memory.base', base, `clear of the RAM at ${clash.base}`);
    this.setRanges([...this.ranges, range].sort((a, b) => a.base - b.base));
  }

  unmap(base: Gpa): void {
    this.setRanges(this.ranges.filter((range) => range.base !== base));
  }

  /** Puts another buffer under the range at `base`, as when a host's memory grew. */
  replace(base: Gpa, bytes: Uint8Array): void {
    const before = this.ranges;
    this.unmap(base);
    try {
      this.map(base, bytes);
    } catch (error) {
      this.setRanges([...before]);
      throw error;
    }
  }

  /** Moves the range from 0, with what is in it, to where the holder's buffer begins. */
  moveInto(holder: HasBuffer): void {
    const { bytes, size } = this.ranges[0]!;
    const moved = new Uint8Array(holder.buffer, 0, size);
    copyUsed(bytes, moved);
    this.replace(0, moved);
    this.holder = holder;
  }

  /** The range that holds all of `length` bytes from `address`, or null. */
  find(address: Gpa, length: number): RamRange | null {
    const last = this.last;
    if (last !== null && address >= last.base && length <= last.size - (address - last.base)) return last;
    for (const range of this.ranges) {
      if (address < range.base || length > range.size - (address - range.base)) continue;
      this.last = range;
      return range;
    }
    return null;
  }

  /** Copies into guest RAM; false, and nothing written, if a byte of it is not RAM. */
  write(address: Gpa, bytes: Uint8Array): boolean {
    const range = this.find(address, bytes.length);
    if (range === null) return false;
    range.bytes.set(bytes, address - range.base);
    this.dirty?.(address, address + bytes.length, true);
    return true;
  }

  /** A view of guest RAM, valid until `epoch` changes; null if a byte of it is not RAM. */
  slice(address: Gpa, length: number): Uint8Array | null {
    const range = this.find(address, length);
    return range === null ? null : range.bytes.subarray(address - range.base, address - range.base + length);
  }

  /** Gives a device `length` bytes of its own permanently. Copies between them and RAM are fastest. */
  staging(length: number): Staging {
    return this.stores.staging(length);
  }

  /** @internal Notifies `dirty` of `length` bytes that a device wrote to `bytes` of a range, from `offset` on. */
  wrote(bytes: Uint8Array, offset: number, length: number, isData: boolean): void {
    const range = this.ranges.find((each) => each.bytes === bytes);
    if (range) this.dirty?.(range.base + offset, range.base + offset + length, isData);
  }

  private setRanges(ranges: readonly RamRange[]): void {
    this.ranges = ranges;
    this.last = null;
    this.epoch++;
    this.stores.follow();
  }
}

/** Copies into fresh bytes. Pages never written to are skipped: the host has no memory for them on either side. */
function copyUsed(from: Uint8Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at += PIECE) {
    const end = Math.min(at + PIECE, from.length);
    if (ZEROES.compare(from, at, end, 0, end - at) !== 0) to.set(from.subarray(at, end), at);
  }
}
