import type { Gpa, Width } from './bits.ts';
import type { GuestMemory } from './memory.ts';
import type { MemoryTap, Sight } from './memory-tap.ts';

const PAGE = 4096;

/**
 * Tracks the pages of RAM that devices and drivers wrote to, so that they can be zeroed again.
 *
 * @example
 * const touched = new TouchedRam(memory);          // before the first write
 * ramAccess.tap = touched.before(stores);
 * if (touched.knowsAll) touched.clear();           // all of RAM is zeroes
 */
export class TouchedRam implements MemoryTap {
  private readonly memory: GuestMemory;
  private readonly epoch: number;
  private readonly pages: Uint8Array;
  private next: MemoryTap | null = null;
  private isNarrowed = false;

  constructor(memory: GuestMemory) {
    this.memory = memory;
    this.pages = new Uint8Array(Math.max(...memory.ranges.map(({ base, size }) => base + size)) / PAGE);
    memory.dirty = this.touch;
    this.epoch = memory.epoch;
  }

  /** Forwards what drivers do to `next` as well. */
  before(next: MemoryTap): MemoryTap {
    this.next = next;
    return this;
  }

  /** Whether every write was seen, and RAM has not moved. */
  get knowsAll(): boolean {
    const { memory } = this;
    return (
      !this.isNarrowed && this.next !== null && memory.dirty === this.touch && memory.epoch === this.epoch
    );
  }

  clear(): void {
    const { pages } = this;
    for (let page = pages.indexOf(1); page >= 0; page = pages.indexOf(1, page)) {
      const end = pages.indexOf(0, page);
      const to = end < 0 ? pages.length : end;
      this.memory.slice(page * PAGE, (to - page) * PAGE)!.fill(0);
      pages.fill(0, page, to);
    }
  }

  private readonly touch = (from: Gpa, to: Gpa): void => {
    for (let page = Math.floor(from / PAGE); page * PAGE < to; page++) this.pages[page] = 1;
  };

  loaded(address: Gpa, width: Width, value: number): void {
    this.next!.loaded(address, width, value);
  }

  stored(address: Gpa, width: Width, value: number, before: number): void {
    this.touch(address, address + width);
    this.next!.stored(address, width, value, before);
  }

  read(address: Gpa, length: number): void {
    this.next!.read(address, length);
  }

  writing(address: Gpa, from: Uint8Array): void {
    this.touch(address, address + from.length);
    this.next!.writing(address, from);
  }

  filling(address: Gpa, value: number, length: number): void {
    this.touch(address, address + length);
    this.next!.filling(address, value, length);
  }

  wrote(): void {
    this.next!.wrote();
  }

  missed(address: Gpa, length: number, write: boolean): void {
    this.next!.missed(address, length, write);
  }

  allocated(address: Gpa, length: number): void {
    this.touch(address, address + length);
    this.next!.allocated(address, length);
  }

  released(address: Gpa, length: number): void {
    this.next!.released(address, length);
  }

  narrowed(sight: Sight): void {
    this.isNarrowed = true;
    this.next!.narrowed(sight);
  }

  look(atAll: boolean): void {
    this.next!.look(atAll);
  }

  goesOn(): void {
    this.next!.goesOn();
  }
}
