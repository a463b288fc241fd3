import type { AccessTrail } from '../../../core/access.ts';
import type { Gpa, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { MemoryTap, Sight } from '../../../core/memory-tap.ts';
import type { Endian } from '../../../core/struct.ts';
import { Allocations } from '../../memory/allocations.ts';
import { RamWatch } from '../../memory/ram.ts';
import { AreaIndex, NO_AREAS } from './area-index.ts';
import { Clashes } from './clashes.ts';
import type { Lent } from './lent.ts';
import { LentIndex, RANGE, type RangeKind } from './lent-index.ts';
import { Moments } from './moments.ts';
import type { AreaOwner, RingArea } from './ring-areas.ts';
import type { StoreParts } from './ring-parts.ts';
import { RingRam } from './ring-ram.ts';
import { Shadows } from './shadows.ts';
import { PACKED_STORES, SPLIT_STORES } from './stores.ts';

const { table: TABLE, readable: READABLE, writable: WRITABLE, left: LEFT } = RANGE;
const PAGE = 4096;

/**
 * Watches what the guest's drivers store to memory and load from it: that it is RAM, the rings of every device, and the
 * buffers that devices have. An access to any other memory costs a table look-up.
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
  private readonly bounds: RamWatch;
  readonly allocations: Allocations;
  private readonly areas = new AreaIndex();
  /** The areas that the copy in progress overwrites. */
  private under: readonly RingArea[] = NO_AREAS;
  /** Where the last copy out of buffers ended: the next one may go on from there. */
  private copiedTo: Gpa = -1;
  private readonly freedTo: ((address: Gpa, length: number) => void)[] = [];

  constructor(memory: GuestMemory, endian: Endian, journal: Journal) {
    this.trail = journal.trail;
    this.ram = new RingRam(memory, endian === 'le');
    this.bounds = new RamWatch(memory, journal);
    this.allocations = new Allocations(memory, journal);
    const { ram, index } = this;
    journal.stores = 'stores';
    this.parts = {
      journal,
      ram,
      index,
      split: new Moments(journal, SPLIT_STORES),
      packed: new Moments(journal, PACKED_STORES),
      clashes: new Clashes(index, (address, length) => this.areas.nameAt(address, length)),
      shadows: null,
    };
  }

  watch(ring: Pick<AreaOwner, 'areas'>): void {
    this.areas.add(ring.areas);
  }

  leave(ring: Pick<AreaOwner, 'areas' | 'forget'>): void {
    ring.forget();
    this.areas.remove(ring.areas);
  }

  /** Calls `listener` with all memory that drivers give back to its allocator. */
  onFreed(listener: (address: Gpa, length: number) => void): void {
    this.freedTo.push(listener);
  }

  loaded(address: Gpa, width: Width, value: number): void {
    this.bounds.touched();
    const area = this.areas.at(address);
    if (area !== null) area.ring.loaded(area.part, address - area.from, width, value);
    if (!this.index.clear(address)) this.looked(address, width, false);
  }

  read(address: Gpa, length: number): void {
    this.bounds.touched();
    for (const area of this.areas.in(address, length)) {
      const from = Math.max(address, area.from);
      area.ring.loaded(area.part, from - area.from, Math.min(address + length, area.to) - from, -1);
    }
    if (this.isClear(address, length)) return;
    this.looked(address, length, true);
    this.copiedTo = address + length;
  }

  stored(address: Gpa, width: Width, value: number, before: number): void {
    this.bounds.touched();
    this.took(address, width, value, before);
  }

  private took(address: Gpa, width: Width, value: number, before: number): void {
    const area = this.areas.at(address);
    if (area !== null) {
      this.trail.ring(area, address - area.from, address, width, value);
      area.ring.stored(area.part, address - area.from, width, value !== before);
    }
    if (this.index.clear(address)) return;
    this.forgetLeft(address, width);
    if (value === before) return;
    this.changed(address, width, TABLE);
    this.changed(address, width, READABLE);
    if (area === null) this.scribbled(address, width);
  }

  writing(address: Gpa, from: Uint8Array): void {
    this.under = this.areas.in(address, from.length);
    for (const area of this.under) {
      const at = Math.max(address, area.from);
      this.trail.ring(area, at - area.from, at, Math.min(address + from.length, area.to) - at, null);
      area.ring.overwriting(area.part, address, from);
    }
    if (!this.isClear(address, from.length)) this.overwriting(address, from);
  }

  filling(address: Gpa, value: number, length: number): void {
    if (length < 1) return;
    this.forgetLeft(address, length);
    const near = [TABLE, READABLE, WRITABLE].some((kind) => this.index.find(address, length, kind) >= 0);
    if (!near && this.areas.in(address, length).length === 0) return;
    this.writing(address, new Uint8Array(length).fill(value));
  }

  wrote(): void {
    this.bounds.touched();
    for (const area of this.under) area.ring.overwritten(area.part);
    this.under = NO_AREAS;
  }

  /** Its allocator zeroed it: that is taken for the driver's doing, which now owns the memory. */
  allocated(address: Gpa, length: number): void {
    this.allocations.allocated(address, length);
    this.filling(address, 0, length);
  }

  /** The memory is given back to its allocator. */
  released(address: Gpa, length: number): void {
    this.allocations.released(address, length);
    for (const tell of this.freedTo) tell(address, length);
    for (const area of this.areas.in(address, length))
      area.ring.memoryFreed(area, Math.max(address, area.from));
    const { index } = this;
    for (const kind of [TABLE, READABLE, WRITABLE])
      for (let at = index.find(address, length, kind); at >= 0; at = index.find(address, length, kind)) {
        const lent = index.lentOf(at);
        lent.owner.freed(lent, Math.max(address, index.beginOf(at)));
      }
  }

  missed(address: Gpa, length: number, write: boolean): void {
    this.bounds.missed(address, length, write);
  }

  narrowed(sight: Sight): void {
    const { parts } = this;
    this.allocations.forget();
    for (const moments of [parts.split, parts.packed]) moments.narrowed(sight);
    parts.shadows = new Shadows(this.ram, sight === 'changes', this.found);
    parts.journal.stores = sight === 'changes' ? 'compared' : 'stores';
  }

  look(atAll: boolean): void {
    this.parts.shadows?.look(atAll);
  }

  goesOn(): void {
    this.parts.shadows?.goesOn();
  }

  /** A copy differs from RAM: a store was made that was not seen itself. */
  private readonly found = (at: Gpa, width: Width, before: number): void => {
    this.took(at, width, this.ram.uint(at, width), before);
  };

  /** Whether a quick look shows that no lent buffer is there. */
  private isClear(address: Gpa, length: number): boolean {
    return length < 1 || ((address % PAGE) + length <= PAGE && this.index.clear(address));
  }

  /** The driver read what a device may have, or left unwritten. A read beyond one buffer may be meant for the rest. */
  private looked(address: Gpa, length: number, copies: boolean): void {
    const { index } = this;
    const left = index.find(address, length, LEFT);
    if (left >= 0 && address >= index.beginOf(left) && !(copies && this.isPart(address, index.lentOf(left))))
      index.lentOf(left).owner.leftRead(index.lentOf(left), address);
    const at = index.find(address, length, WRITABLE);
    if (at < 0 || address < index.beginOf(at) || address + length > index.endOf(at)) return;
    if (index.find(address, length, READABLE) < 0) index.lentOf(at).owner.peeked(index.lentOf(at), address);
  }

  /** A driver may copy buffers in whole, each from its beginning or in pieces, and then ignore what did not come. */
  private isPart(address: Gpa, { addresses, count }: Lent): boolean {
    if (address === this.copiedTo) return true;
    for (let i = 0; i < count; i++) if (addresses[i] === address) return true;
    return false;
  }

  /** Bytes changed, of a table or of a buffer that a device reads. */
  private changed(address: Gpa, length: number, kind: typeof TABLE | typeof READABLE): void {
    const { index } = this;
    for (let at = index.find(address, length, kind); at >= 0; at = index.find(address, length, kind)) {
      const lent = index.lentOf(at);
      const first = Math.max(address, index.beginOf(at));
      if (kind === TABLE) lent.owner.tableChanged(lent, first);
      else lent.owner.bufferChanged(lent, first, true);
    }
  }

  /** The driver wrote into a buffer that a device is to write. */
  private scribbled(address: Gpa, length: number): void {
    const { index } = this;
    const at = index.find(address, length, WRITABLE);
    if (at >= 0)
      index.lentOf(at).owner.bufferChanged(index.lentOf(at), Math.max(address, index.beginOf(at)), false);
  }

  private overwritingKind(address: Gpa, from: Uint8Array, kind: RangeKind): void {
    const { index, ram } = this;
    const at = index.find(address, from.length, kind);
    const begin = Math.max(address, index.beginOf(at));
    const end = Math.min(address + from.length, index.endOf(at));
    if (!ram.differs(address, from, begin, end)) return;
    if (kind === TABLE || kind === READABLE) this.changed(begin, end - begin, kind);
    else if (this.under.length === 0) this.scribbled(begin, end - begin);
  }

  /** Bytes are about to be stored. Those that stay as they are do not count. */
  private overwriting(address: Gpa, from: Uint8Array): void {
    const { index } = this;
    if (index.find(address, from.length, TABLE) >= 0) this.overwritingKind(address, from, TABLE);
    if (index.find(address, from.length, READABLE) >= 0) this.overwritingKind(address, from, READABLE);
    if (index.find(address, from.length, WRITABLE) >= 0) this.overwritingKind(address, from, WRITABLE);
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
