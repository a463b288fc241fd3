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
  private readonly free = new Map<string, Gpa[]>();
  private readonly sizes = new Map<Gpa, string>();
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
    this.free.clear();
    // What is still known is above all that is forgotten.
    if (this.end !== this.last) this.sizes.clear();
    this.end = this.last;
    this.forgotten = this.next;
  }

  allocate(bytes: number, align: number): Gpa {
    if (!Number.isSafeInteger(bytes) || bytes < 1)
      throw new MisuseError('allocate.bytes', bytes, 'a whole number of 1 or more');
    if (!(Number.isSafeInteger(align) && align >= 1 && Number.isInteger(Math.log2(align))))
      throw new MisuseError('allocate.align', align, 'a power of two');
    const key = `${bytes}/${align}`;
    const at = this.free.get(key)?.pop() ?? this.carve(bytes, align);
    this.sizes.set(at, key);
    this.memory.slice(at, bytes)!.fill(0);
    return at;
  }

  /** @returns how many bytes that are. */
  release(at: Gpa): number {
    const key = this.sizes.get(at);
    if (key === undefined) throw new MisuseError('release.at', at, 'the address of an allocation');
    this.sizes.delete(at);
    const list = this.free.get(key) ?? [];
    list.push(at);
    this.free.set(key, list);
    return Number.parseInt(key, 10);
  }

  private carve(bytes: number, align: number): Gpa {
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
  }

  /** Goes on below what the guest has since the reset. @returns false if there is nothing that is forgotten. */
  private beginAnew(): boolean {
    const { first, forgotten } = this;
    if (forgotten === first) return false;
    for (const at of this.sizes.keys()) if (at < forgotten) this.sizes.delete(at);
    this.next = this.forgotten = first;
    this.end = forgotten;
    return true;
  }

  private range(): RamRange | undefined {
    return this.memory.ranges.find(({ base }) => base === this.base);
  }
}
