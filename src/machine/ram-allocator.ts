import type { Gpa } from '../core/bits.ts';
import type { GuestMemory, RamRange } from '../core/memory.ts';
import { FOUR_GIB } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Random } from '../core/random.ts';

/** Below 1 MiB lie firmware's tables, the VGA hole and ROM: nothing for drivers. */
const FIRST = 0x10_0000;
const PAGE = 4096;
/** The largest gap left before an allocation, in pages. */
const GAP_PAGES = 8;

/** What drivers have of RAM, in whole pages, and what they gave back: that is given out again before new RAM is. */
export class AllocatedRam {
  private readonly sizes = new Map<Gpa, number>();
  /** By the number of pages. */
  private readonly released = new Map<number, Gpa[]>();

  /** @param carve finds RAM that was never given out. */
  allocate(bytes: number, align: number, carve: (bytes: number, align: number) => Gpa): Gpa {
    const list = this.released.get(Math.ceil(bytes / PAGE)) ?? [];
    const index = list.findLastIndex((at) => at % align === 0);
    const at = index < 0 ? carve(bytes, align) : list.splice(index, 1)[0]!;
    this.sizes.set(at, bytes);
    return at;
  }

  /**
   * @returns how many bytes that are.
   * @throws MisuseError for the address of no allocation.
   */
  release(at: Gpa): number {
    const bytes = this.sizes.get(at);
    if (bytes === undefined) throw new MisuseError('release.at', at, 'the address of an allocation');
    this.sizes.delete(at);
    const pages = Math.ceil(bytes / PAGE);
    const list = this.released.get(pages);
    if (list === undefined) this.released.set(pages, [at]);
    else list.push(at);
    return bytes;
  }

  /** What was given back is not given out again. */
  forgetReleased(): void {
    this.released.clear();
  }

  /** What is below is no allocation. */
  forgetBelow(end: Gpa): void {
    for (const at of this.sizes.keys()) if (at < end) this.sizes.delete(at);
  }
}

/**
 * RAM for the guest's drivers. No two allocations touch: a gap of random size, by the machine's seed, lies before
 * each, so that a driver that assumes its buffers to be contiguous, or writes past one, fails here.
 */
export class RamAllocator {
  private readonly memory: GuestMemory;
  private readonly random: Random;
  /** Of the range that it is in. */
  private readonly base: Gpa;
  private readonly first: Gpa;
  private readonly last: Gpa;
  private end: Gpa;
  private readonly allocated = new AllocatedRam();
  private next: Gpa;
  /** Where those of a guest end that was there before the machine was reset: they are given out again when there is no other RAM. */
  private forgotten: Gpa;

  /**
   * @param high take RAM above 4 GiB, for drivers that truncate addresses.
   * @param reserved where RAM below 4 GiB begins to be the firmware's.
   */
  constructor(memory: GuestMemory, random: Random, high: boolean, reserved: Gpa) {
    this.memory = memory;
    this.random = random;
    this.last = this.end = high ? Number.POSITIVE_INFINITY : reserved;
    const { base = 0, size = 0 } = memory.ranges[0] ?? {};
    this.base = high ? FOUR_GIB : base;
    // An address cut to 32 bits must not happen to be RAM.
    this.first = high ? FOUR_GIB + (base === 0 ? size : 0) : base + FIRST;
    this.next = this.forgotten = this.first;
  }

  /** The machine was reset: no guest knows of what was allocated. */
  restart(): void {
    this.allocated.forgetReleased();
    // What is still known is above all that is forgotten.
    if (this.end !== this.last) this.allocated.forgetBelow(Number.POSITIVE_INFINITY);
    this.end = this.last;
    this.forgotten = this.next;
  }

  allocate(bytes: number, align: number): Gpa {
    if (!Number.isSafeInteger(bytes) || bytes < 1)
      throw new MisuseError('allocate.bytes', bytes, 'a whole number of 1 or more');
    if (!(Number.isSafeInteger(align) && align >= 1 && Number.isInteger(Math.log2(align))))
      throw new MisuseError('allocate.align', align, 'a power of two');
    const at = this.allocated.allocate(bytes, align, this.carve);
    this.memory.slice(at, bytes)!.fill(0);
    return at;
  }

  /** @returns how many bytes that are. */
  release(at: Gpa): number {
    return this.allocated.release(at);
  }

  private readonly carve = (bytes: number, align: number): Gpa => {
    const gap = (1 + this.random.below(GAP_PAGES)) * PAGE;
    const from = this.next + gap;
    const at = Math.ceil(from / align) * align;
    const range = this.range();
    if (range === undefined || at + bytes > Math.min(this.end, range.base + range.size)) {
      if (this.beginAnew()) return this.carve(bytes, align);
      throw new MisuseError(
        'memory',
        range?.size ?? 0,
        `large enough for ${bytes} more bytes of driver memory`,
      );
    }
    this.next = Math.ceil((at + bytes) / PAGE) * PAGE;
    return at;
  };

  /** Goes on below what the guest has since the reset. @returns false if there is nothing that is forgotten. */
  private beginAnew(): boolean {
    const { first, forgotten } = this;
    if (forgotten === first) return false;
    this.allocated.forgetBelow(forgotten);
    this.next = this.forgotten = first;
    this.end = forgotten;
    return true;
  }

  private range(): RamRange | undefined {
    return this.memory.ranges.find(({ base }) => base === this.base);
  }
}
