import { checkMethods, checkObject, checkWhole } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { Random } from '../core/random.ts';
import { BLOCK, type Medium } from './medium.ts';

/** Bytes looked at at once. */
const PIECE = 0x1_0000;
/** Contents of a block that a loss of power may bring back: the flushed one, and of later ones as many. */
const LATER = 3;
const CACHE_DEFAULT = 64 << 20;

/** How a write cache forgets. */
export interface WriteBackOptions {
  /** What a loss of power takes follows from it. Default 1. */
  readonly seed?: number;
  /** Bytes that the cache holds: with more, what was written first goes to the disk below. Default 64 MiB. */
  readonly cache?: number;
  /** Where a loss of power cuts a write: between blocks, or also at any byte of one. Default blocks, as disks promise. */
  readonly tears?: 'blocks' | 'bytes';
}

const TEARS: readonly unknown[] = ['blocks', 'bytes'];

/**
 * A disk with a cache that forgets, over one that does not: what was not flushed may be lost when the power fails. Each block
 * then has its last contents, or the flushed ones, or any between: writes are lost, done in part, and done in another order.
 * A block is mixed of two contents only if `tears` is `bytes`. Until then it reads as the disk below does.
 *
 * @example
 * const medium = new WriteBackMedium(new MemoryMedium(64 << 20), { seed: 3 });
 * const machine = gceN1({ disks: [{ medium }] });
 * host.write(1, 0, journal);
 * host.flush(1);                  // from here on the journal is safe
 * host.write(1, 8, data);
 * machine.powerCut();             // the data may be there, in part, or not at all
 */
export class WriteBackMedium implements Medium {
  readonly readOnly: boolean;
  private readonly below: Medium;
  private readonly random: Random;
  private readonly most: number;
  private readonly tearsBlocks: boolean;
  /** Of each block that was written since it was flushed: its flushed contents, then later ones, without the last. */
  private readonly earlier = new Map<number, Uint8Array[]>();

  readonly resize?: (bytes: number) => void;

  /** @throws MisuseError for options that are none. */
  constructor(below: Medium, options: WriteBackOptions = {}) {
    checkMethods('writeBack.below', below, ['read', 'write', 'unmap', 'flush', 'close'], 'a medium');
    checkObject('writeBack.options', options);
    const { seed = 1, cache = CACHE_DEFAULT, tears = 'blocks' } = options;
    if (!TEARS.includes(tears)) throw new MisuseError('writeBack.tears', tears, 'blocks or bytes');
    checkWhole('writeBack.seed', seed, 0, 0xffff_ffff);
    checkWhole('writeBack.cache', cache, 0, Number.MAX_SAFE_INTEGER);
    this.below = below;
    this.readOnly = below.readOnly;
    this.random = new Random(seed);
    this.most = Math.floor(cache / BLOCK);
    this.tearsBlocks = tears === 'bytes';
    if (below.resize !== undefined) this.resize = (bytes) => this.resizeBelow(bytes);
  }

  get blocks(): number {
    return this.below.blocks;
  }

  get failure(): 'full' | null {
    return this.below.failure ?? null;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    return this.below.read(offset, into, at, length);
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    // A block that comes in several pieces of memory is one content: it begins with the first piece.
    const first = Math.ceil(offset / BLOCK) * BLOCK;
    if (first < offset + length) this.remember(first, offset + length - first);
    return this.below.write(offset, from, at, length);
  }

  unmap(offset: number, length: number): boolean {
    const end = Math.min(offset + length, this.blocks * BLOCK);
    for (let at = offset; at < end; ) {
      const { mapped, bytes } = this.extentAt(at);
      const n = Math.min(Math.max(bytes, BLOCK), end - at);
      if (mapped) this.remember(at, n);
      at += n;
    }
    return this.below.unmap(offset, length);
  }

  extentAt(offset: number): { readonly mapped: boolean; readonly bytes: number } {
    return this.below.extentAt?.(offset) ?? { mapped: true, bytes: this.blocks * BLOCK - offset };
  }

  flush(offset = 0, length = this.blocks * BLOCK): boolean {
    if (!this.below.flush(offset, length)) return false;
    const [first, end] = [offset / BLOCK, (offset + length) / BLOCK];
    for (const block of this.earlier.keys()) if (block >= first && block < end) this.earlier.delete(block);
    return true;
  }

  powerCut(): void {
    const { random } = this;
    // How much the disk had written by then differs: nearly nothing, half, nearly all.
    const odds = random.below(9) + 1;
    for (const [block, contents] of this.earlier)
      if (random.below(10) >= odds) this.bringBack(block, contents[random.below(contents.length)]!);
    this.earlier.clear();
  }

  /** A block that is torn keeps its first bytes. */
  private bringBack(block: number, contents: Uint8Array): void {
    const kept = this.tearsBlocks ? this.random.below(BLOCK) : 0;
    this.below.write(block * BLOCK + kept, contents, kept, BLOCK - kept);
  }

  close(): void {
    this.below.close();
  }

  private resizeBelow(bytes: number): void {
    this.below.resize!(bytes);
    for (const block of this.earlier.keys()) if (block * BLOCK >= bytes) this.earlier.delete(block);
  }

  /** Keeps what these blocks hold now. */
  private remember(offset: number, length: number): void {
    for (let done = 0; done < length; done += PIECE) {
      const n = Math.min(PIECE, length - done);
      const bytes = new Uint8Array(Math.ceil(n / BLOCK) * BLOCK);
      if (!this.below.read(offset + done, bytes, 0, bytes.length)) continue;
      for (let at = 0; at < bytes.length; at += BLOCK)
        this.keep((offset + done + at) / BLOCK, bytes.slice(at, at + BLOCK));
    }
  }

  private keep(block: number, contents: Uint8Array): void {
    const { earlier, most } = this;
    const known = earlier.get(block);
    if (known === undefined) earlier.set(block, [contents]);
    else {
      known.push(contents);
      if (known.length > 1 + LATER) known.splice(1, 1);
    }
    // The oldest reach the disk below.
    if (earlier.size > most) earlier.delete(earlier.keys().next().value!);
  }
}
