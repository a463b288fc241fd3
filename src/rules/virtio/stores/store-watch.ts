import type { AccessTrail } from '../../../core/access.ts';
import type { Gpa, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { MemoryTap } from '../../../core/memory-tap.ts';
import type { Endian } from '../../../core/struct.ts';
import { LentIndex, RANGE } from './lent-index.ts';
import { RingRam } from './ring-ram.ts';
import { momentsOf, type RingArea, type RingStores, type StoreParts } from './ring-stores.ts';

const { table: TABLE, readable: READABLE, writable: WRITABLE, left: LEFT } = RANGE;
const PAGE = 4096;

/**
 * Watches what the guest's drivers store to memory and load from it: the rings of every device, and the buffers that
 * devices have. Whatever else there is in memory costs a look into a table.
 *
 * @example
 * const stores = new StoreWatch(memory, 'le', journal);
 * ramAccess.tap = stores;
 * stores.watch(ring);           // the ring was handed over
 * stores.leave(ring);           // the device was reset
 */
export class StoreWatch implements MemoryTap {
  readonly parts: StoreParts;
  private readonly trail: AccessTrail;
  private readonly index = new LentIndex();
  private readonly ram: RingRam;
  /** The areas of rings by the pages that they touch. */
  private readonly pages = new Map<number, RingArea[]>();
  /** Of the lowest pages and of the highest there are: beyond lies no ring. */
  private firstPage = Number.POSITIVE_INFINITY;
  private lastPage = -1;
  /** The area found last: a driver seldom leaves it at once. */
  private lately: RingArea | null = null;

  constructor(memory: GuestMemory, endian: Endian, journal: Journal) {
    this.trail = journal.trail;
    this.ram = new RingRam(memory, endian === 'le');
    const { ram, index } = this;
    this.parts = {
      journal,
      ram,
      index,
      split: momentsOf(journal, false),
      packed: momentsOf(journal, true),
    };
  }

  watch(ring: RingStores): void {
    for (const area of ring.areas)
      for (let page = pageOf(area.from); page <= pageOf(area.to - 1); page++) {
        const there = this.pages.get(page);
        if (there === undefined) this.pages.set(page, [area]);
        else there.push(area);
        this.firstPage = Math.min(this.firstPage, page);
        this.lastPage = Math.max(this.lastPage, page);
      }
  }

  leave(ring: RingStores): void {
    ring.forget();
    this.lately = null;
    for (const area of ring.areas)
      for (let page = pageOf(area.from); page <= pageOf(area.to - 1); page++) {
        const others = (this.pages.get(page) ?? []).filter((other) => other !== area);
        if (others.length > 0) this.pages.set(page, others);
        else this.pages.delete(page);
      }
  }

  loaded(address: Gpa, width: Width): void {
    const area = this.areaAt(address);
    if (area !== null) area.ring.loaded(area.part, address - area.from, width);
    const { index } = this;
    if (!index.clear(address, WRITABLE) || !index.clear(address, LEFT)) this.looked(address, width);
  }

  read(address: Gpa, length: number): void {
    for (const area of this.areasIn(address, length)) {
      const from = Math.max(address, area.from);
      area.ring.loaded(area.part, from - area.from, Math.min(address + length, area.to) - from);
    }
    if (length > 0) this.looked(address, length);
  }

  stored(address: Gpa, width: Width, value: number, before: number): void {
    const area = this.areaAt(address);
    if (area !== null) {
      this.trail.ring(area, address - area.from, address, width, value);
      area.ring.stored(area.part, address - area.from, width, value !== before);
    }
    const { index } = this;
    if (!index.clear(address, LEFT)) this.forgetLeft(address, width);
    if (value === before) return;
    if (!index.clear(address, TABLE)) this.changed(address, width, TABLE);
    if (!index.clear(address, READABLE)) this.changed(address, width, READABLE);
  }

  writing(address: Gpa, from: Uint8Array): void {
    for (const area of this.areasIn(address, from.length)) {
      const at = Math.max(address, area.from);
      this.trail.ring(area, at - area.from, at, Math.min(address + from.length, area.to) - at, null);
      area.ring.overwriting(area.part, address, from);
    }
    if (from.length > 0) this.overwriting(address, from);
  }

  filling(address: Gpa, value: number, length: number): void {
    if (length < 1) return;
    this.forgetLeft(address, length);
    const near =
      this.index.find(address, length, TABLE) >= 0 || this.index.find(address, length, READABLE) >= 0;
    if (!near && this.areasIn(address, length).length === 0) return;
    this.writing(address, new Uint8Array(length).fill(value));
  }

  wrote(address: Gpa, length: number): void {
    for (const area of this.areasIn(address, length)) area.ring.overwritten(area.part);
  }

  private areaAt(address: Gpa): RingArea | null {
    const { lately } = this;
    if (lately !== null && address >= lately.from && address < lately.to) return lately;
    const page = pageOf(address);
    if (page < this.firstPage || page > this.lastPage) return null;
    const areas = this.pages.get(page);
    if (areas === undefined) return null;
    for (let i = 0; i < areas.length; i++) {
      const area = areas[i]!;
      if (address >= area.from && address < area.to) {
        this.lately = area;
        return area;
      }
    }
    return null;
  }

  /** The areas of which bytes lie in that range. */
  private areasIn(address: Gpa, length: number): readonly RingArea[] {
    const first = Math.max(pageOf(address), this.firstPage);
    const last = Math.min(pageOf(address + length - 1), this.lastPage);
    let found: RingArea[] = NO_AREAS;
    for (let page = first; page <= last; page++)
      for (const area of this.pages.get(page) ?? NO_AREAS)
        if (area.from < address + length && address < area.to && !found.includes(area))
          found = [...found, area];
    return found;
  }

  /** The driver read what may be a device's, or what a device left. A read of more than one buffer may be of the rest. */
  private looked(address: Gpa, length: number): void {
    const { index } = this;
    const left = index.find(address, length, LEFT);
    if (left >= 0 && address >= index.beginOf(left))
      index.lentOf(left).owner.leftRead(index.lentOf(left), address);
    const at = index.find(address, length, WRITABLE);
    if (at < 0 || address < index.beginOf(at) || address + length > index.endOf(at)) return;
    if (index.find(address, length, READABLE) < 0) index.lentOf(at).owner.peeked(index.lentOf(at), address);
  }

  /** Bytes changed, of a table or of a buffer that a device reads. */
  private changed(address: Gpa, length: number, kind: typeof TABLE | typeof READABLE): void {
    const { index } = this;
    for (let at = index.find(address, length, kind); at >= 0; at = index.find(address, length, kind)) {
      const lent = index.lentOf(at);
      const first = Math.max(address, index.beginOf(at));
      if (kind === TABLE) lent.owner.tableChanged(lent, first);
      else lent.owner.bufferChanged(lent, first);
    }
  }

  /** Bytes are about to change: those that stay as they are count for nothing. */
  private overwriting(address: Gpa, from: Uint8Array): void {
    const { index, ram } = this;
    for (const kind of [TABLE, READABLE]) {
      const at = index.find(address, from.length, kind);
      if (at < 0) continue;
      const begin = Math.max(address, index.beginOf(at));
      const end = Math.min(address + from.length, index.endOf(at));
      if (ram.differs(address, from, begin, end)) this.changed(begin, end - begin, kind);
    }
    this.forgetLeft(address, from.length);
  }

  private forgetLeft(address: Gpa, length: number): void {
    const { index } = this;
    for (let at = index.find(address, length, LEFT); at >= 0; at = index.find(address, length, LEFT)) {
      const lent = index.lentOf(at);
      lent.owner.forgetLeft(lent);
    }
  }
}

const NO_AREAS: RingArea[] = [];

function pageOf(address: Gpa): number {
  return Math.floor(address / PAGE);
}
