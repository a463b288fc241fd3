import { bytesText, type Gpa, hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { FOUR_GIB, type GuestMemory } from '../../core/memory.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

const PAGE = 4096;

/** Rules of memory that drivers give to devices. */
export const ALLOCATIONS = {
  'ram/PAST-END': {
    where: 'what `allocate` gives: as many bytes as were asked for, and no more',
    text: 'A driver MUST NOT give a device memory that runs past the end of an allocation.',
    advice:
      'Allocate as many bytes as the device is told: of a buffer its whole length, of a ring all of its entries, of an answer the longest there is.',
    on: 'lent',
    kept: (k) => k.past === 0,
    said: (k) =>
      `${bytesText(k.length)} at ${hex(k.address, 8)} ${k.length === 1 ? 'is' : 'are'} the device’s, and the allocation there ends ${bytesText(k.past)} before their end`,
    follows: ['virtio/VQ-SPLIT-LEG-D3', 'virtio/NET-FRAME-LEG-D7', 'virtio/NET-IMP-11'],
    alike: true,
  },
} as const satisfies Rules<LentWatch>;

/** Where allocations end, by the pages from a base on. */
class PageEnds {
  private readonly base: Gpa;
  private ends = new Float64Array(0);

  constructor(base: Gpa) {
    this.base = base;
  }

  /** The end of the allocation that an address is in; 0 for none. */
  of(address: Gpa): Gpa {
    const page = Math.floor((address - this.base) / PAGE);
    const end = page >= 0 && page < this.ends.length ? this.ends[page]! : 0;
    return address < end ? end : 0;
  }

  set(from: Gpa, to: Gpa, end: Gpa): void {
    const [first, last] = [this.pageOf(from), this.pageOf(to - 1)];
    if (first < 0) return;
    if (last >= this.ends.length) {
      const longer = new Float64Array(2 * (last + 1));
      longer.set(this.ends);
      this.ends = longer;
    }
    this.ends.fill(end, first, last + 1);
  }

  clear(): void {
    this.ends.fill(0);
  }

  private pageOf(address: Gpa): number {
    return Math.floor((address - this.base) / PAGE);
  }
}

/**
 * The allocations that drivers have, as long as they have them. Each begins a page, and no two are in one: of what a driver takes
 * from elsewhere nothing is known.
 *
 * @example
 * allocations.allocated(0x10_5000, 2048);
 * allocations.endOf(0x10_5400);            // 0x10_5800
 */
export class Allocations {
  private readonly journal: Journal;
  private readonly below: PageEnds;
  private readonly above = new PageEnds(FOUR_GIB);

  constructor(memory: GuestMemory, journal: Journal) {
    this.journal = journal;
    this.below = new PageEnds(memory.ranges[0]?.base ?? 0);
  }

  /** Of what firmware leaves behind, or a driver that is not judged, the next guest knows nothing. */
  allocated(address: Gpa, length: number): void {
    if (!this.journal.quiet) this.at(address).set(address, address + length, address + length);
  }

  /** All of an allocation, or a part of it: of the rest nothing is said either. */
  released(address: Gpa, length: number): void {
    if (this.endOf(address) > 0) this.at(address).set(address, address + length, 0);
  }

  /** Another guest begins, or one whose memory is its own affair. */
  forget(): void {
    this.below.clear();
    this.above.clear();
  }

  /** The end of the allocation that an address is in; 0 for none. */
  endOf(address: Gpa): Gpa {
    return this.at(address).of(address);
  }

  private at(address: Gpa): PageEnds {
    return address < FOUR_GIB ? this.below : this.above;
  }
}

/**
 * Watches the memory that the driver of one device gives to it. Only of a driver that places rings in allocations: one that has RAM
 * of its own may have any. Right memory is only counted, and reported when the journal is read.
 *
 * @example
 * const lent = new LentWatch(allocations, journal, () => 'net0');
 * lent.ring(0x10_5000, 4096);        // it lies in an allocation
 * lent.buffer(0x10_a000, 4096);      // of 2048 bytes: a finding
 */
export class LentWatch {
  address: Gpa = 0;
  length = 0;
  /** Bytes behind the end of the allocation. */
  past = 0;
  private allocates = false;
  private times = 0;
  private last: Nanos = 0;
  private readonly allocations: Allocations;
  private readonly journal: Journal;
  private readonly name: () => string;
  private readonly on;

  constructor(allocations: Allocations, journal: Journal, name: () => string) {
    this.allocations = allocations;
    this.journal = journal;
    this.name = name;
    this.on = new Watch(journal, ALLOCATIONS).on;
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.name();
  }

  /** A ring, or a queue of commands: by its place it is known where the driver has its memory from. */
  ring(address: Gpa, length: number): void {
    this.allocates = this.allocations.endOf(address) > 0;
    this.buffer(address, length);
  }

  buffer(address: Gpa, length: number): void {
    const end = this.allocates ? this.allocations.endOf(address) : 0;
    if (end === 0) return;
    if (address + length <= end) {
      this.times++;
      this.last = this.journal.now;
      return;
    }
    this.address = address;
    this.length = length;
    this.past = address + length - end;
    this.on.lent.tell(this);
    this.past = 0;
  }

  private settle(): void {
    if (this.times > 0) this.on.lent.repeat(this, this.times, this.last);
    this.times = 0;
  }
}
