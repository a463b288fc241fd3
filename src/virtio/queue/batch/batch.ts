import type { GuestMemory } from '../../../core/memory.ts';
import type { Staging } from '../../../core/staging.ts';
import { type HasBuffer, instanceIn } from '../../../core/wasm/kernels.ts';
import { PLAIN, SHARED } from './kernel-module.ts';

/** The exports of kernel.wat, which has the layout of both records. */
interface Kernel {
  take(ring: number, batch: number, next: number, most: number): number;
  give(ring: number, batch: number, next: number, count: number): void;
}

/** Size of the batch's record before its chains, and of each chain; and the words of a chain. */
const HEAD = 16;
const CHAIN_SHIFT = 5;
const WORD = { id: 0, written: 1, readable: 2, writable: 3, buffers: 4, spans: 5, from: 6 } as const;
const SPAN = 8;

const kernels = new WeakMap<HasBuffer, Kernel | null>();

function kernelIn(holder: HasBuffer): Kernel | null {
  const known = kernels.get(holder);
  if (known !== undefined) return known;
  const made = instanceIn<Kernel>(holder, PLAIN, SHARED);
  kernels.set(holder, made);
  return made;
}

/** The room of a batch. */
interface BatchSize {
  /** Maximum chains at a time. */
  readonly chains: number;
  /** Maximum readable bytes of a chain; longer ones are left to `pop`. 0: readable bytes are not copied. */
  readonly slot: number;
  /** Maximum writable buffers of all its chains together. */
  readonly spans: number;
}

/**
 * Several chains at once, as columns: filled by `Virtqueue.take`, and returned by `give`. It works if guest RAM and the
 * devices' staging are one `WebAssembly.Memory`; elsewhere `take` finds nothing, and chains come by `pop`.
 *
 * @example
 * const batch = new Batch(memory, { chains: 32, slot: 2048, spans: 0 });
 * for (let count = queue.take(batch); count > 0; count = queue.take(batch)) {
 *   for (let i = 0; i < count; i++) send(batch.bytes, batch.slotAt(i), batch.readableBytes(i));
 *   queue.give(batch);
 * }
 * while (queue.pop()) …                  // chains that are not plain
 * queue.flush();
 */
export class Batch {
  /** Chains in it. */
  count = 0;
  readonly most: number;
  /** The slots, until the memory's `epoch` changes. */
  bytes: Uint8Array = new Uint8Array(0);
  private readonly size: BatchSize;
  private readonly memory: GuestMemory;
  private readonly staging: Staging;
  private readonly kernel: Kernel | null;
  private words: Int32Array = new Int32Array(0);
  private epoch = -1;

  constructor(memory: GuestMemory, size: BatchSize) {
    const { chains, slot, spans } = size;
    this.size = size;
    this.most = chains;
    this.memory = memory;
    this.kernel = memory.within && kernelIn(memory.within);
    const length = this.kernel === null ? 0 : chains * slot + spans * SPAN + HEAD + (chains << CHAIN_SHIFT);
    this.staging = memory.staging(length);
  }

  /** The kernel, if it reaches the batch and RAM at `store`; updates the batch's record. */
  kernelOf(store: object): Kernel | null {
    const { kernel, memory, staging } = this;
    if (kernel === null || staging.store !== store) return null;
    if (this.epoch !== memory.epoch) this.place();
    return kernel;
  }

  /** Offset of its record in the memory. */
  get at(): number {
    return this.staging.offset + this.size.chains * this.size.slot + this.size.spans * SPAN;
  }

  /** Offset of chain `i`'s readable bytes in `bytes`. */
  slotAt(i: number): number {
    return i * this.size.slot;
  }

  id(i: number): number {
    return this.words[(i << 3) | WORD.id]!;
  }

  readableBytes(i: number): number {
    return this.words[(i << 3) | WORD.readable]!;
  }

  writableBytes(i: number): number {
    return this.words[(i << 3) | WORD.writable]!;
  }

  /** Number of buffers of chain `i`. */
  buffers(i: number): number {
    return this.words[(i << 3) | WORD.buffers]!;
  }

  /** Answers chain `i` with the first `count` bytes of a staging, unchanged until `give`; returns how many fit. */
  answer(i: number, from: Staging, count: number): number {
    const { words } = this;
    const room = words[(i << 3) | WORD.writable]!;
    if (count > room) count = room;
    words[(i << 3) | WORD.from] = from.offset;
    words[(i << 3) | WORD.written] = count;
    return count;
  }

  /** `written` bytes of chain `i` were written otherwise; the default is none. */
  finish(i: number, written: number): void {
    this.words[(i << 3) | WORD.written] = written;
  }

  written(i: number): number {
    return this.words[(i << 3) | WORD.written]!;
  }

  /** Writes the answer to chain `i` into guest RAM at its current place. */
  scatter(i: number): void {
    const { memory, staging, words } = this;
    const spans = new Int32Array(staging.bytes.buffer, words[(i << 3) | WORD.spans]!);
    let from = words[(i << 3) | WORD.from]!;
    let left = from === 0 ? 0 : this.written(i);
    for (let span = 0; left > 0; span += 2) {
      const count = Math.min(left, spans[span + 1]!);
      memory.write(spans[span]!, new Uint8Array(staging.bytes.buffer, from, count));
      from += count;
      left -= count;
    }
  }

  private place(): void {
    const { at, memory, size, staging } = this;
    const { buffer } = staging.bytes;
    this.epoch = memory.epoch;
    this.bytes = staging.bytes.subarray(0, size.chains * size.slot);
    const spans = staging.offset + size.chains * size.slot;
    new Int32Array(buffer, at, HEAD / 4).set([staging.offset, size.slot, spans, spans + size.spans * SPAN]);
    this.words = new Int32Array(buffer, at + HEAD, size.chains << (CHAIN_SHIFT - 2));
  }
}
