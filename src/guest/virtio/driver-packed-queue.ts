import type { BitSet } from '../../core/bit-set.ts';
import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import {
  FEATURE,
  PVIRTQ_DESC_F,
  PVIRTQ_EVENT,
  PVIRTQ_EVENT_WRAP,
  pvirtq_desc,
  pvirtq_event_suppress,
} from '../../virtio/registers.ts';
import { checkFeatures } from './features.ts';
import { InOrder } from './in-order.ts';
import { chainLength, IndirectTables, type Segment, storeSegment } from './indirect-tables.ts';
import { notLent, type UsedChain } from './used-chain.ts';

const { NEXT, WRITE, INDIRECT, AVAIL, USED } = PVIRTQ_DESC_F;
const { ENABLE, DISABLE, DESC } = PVIRTQ_EVENT;
const ALIGN = 16;

/** Writes a packed descriptor at `at`. With `flags` null the flags are written later: they make it available. */
function writePackedDescriptor(
  memory: DriverMemory,
  at: Gpa,
  segment: Segment,
  id: number,
  flags: number | null,
): void {
  storeSegment(memory, at, segment);
  memory.store(at + pvirtq_desc.offset.id, id, 2);
  if (flags !== null) memory.store(at + pvirtq_desc.offset.flags, flags, 2);
}

/**
 * The driver's side of a packed virtqueue: one ring in which a descriptor is made available and returned in place,
 * distinguished by two wrap counters. The same interface as the split one.
 *
 * @example
 * const queue = new DriverPackedQueue(port, { index: 0, size: 256, features });
 * transport.setQueue(0, queue.areas);
 * const id = queue.add([request], [answer]);    // null: no descriptors left
 * if (queue.publish()) transport.notify(0);
 * queue.drain((id, length) => …);
 * queue.release();                              // after the device was reset
 */
export class DriverPackedQueue {
  readonly index: number;
  readonly size: number;
  /** Addresses of the ring and the two event structures. */
  readonly areas: { readonly desc: Gpa; readonly driver: Gpa; readonly device: Gpa };
  private readonly port: GuestPort;
  private readonly memory: DriverMemory;
  private readonly eventIdx: boolean;
  private readonly indirect: IndirectTables | null;
  private readonly order: InOrder | null;
  /** Slots of each chain that the device has, by ID; 0 for an ID that it does not have. */
  private readonly lent: Uint16Array;
  private readonly freeIds: number[];
  private freeSlots: number;
  private nextSlot = 0;
  private wrap = true;
  private nextUsed = 0;
  private usedWrap = true;
  /** The first head since the last `publish`, not yet marked available, and how many slots were filled since. */
  private held: { at: Gpa; flags: number } | null = null;
  private filled = 0;
  private wantsInterrupts = true;

  /** @param queue.size 1 to 32768, any number. @param queue.features EVENT_IDX, INDIRECT_DESC and IN_ORDER matter here. */
  constructor(port: GuestPort, queue: { index: number; size: number; features: BitSet }) {
    const { index, size, features } = queue;
    checkFeatures('queue.features', features);
    this.port = port;
    this.memory = port.memory;
    this.index = index;
    this.size = size;
    this.eventIdx = features.has(FEATURE.EVENT_IDX);
    this.indirect = features.has(FEATURE.INDIRECT_DESC) ? new IndirectTables(port) : null;
    this.order = features.has(FEATURE.IN_ORDER) ? new InOrder() : null;
    this.areas = {
      desc: port.allocate(size * pvirtq_desc.size, ALIGN),
      driver: port.allocate(pvirtq_event_suppress.size, pvirtq_event_suppress.size),
      device: port.allocate(pvirtq_event_suppress.size, pvirtq_event_suppress.size),
    };
    this.lent = new Uint16Array(size);
    this.freeIds = Array.from({ length: size }, (_, i) => size - 1 - i);
    this.freeSlots = size;
  }

  /** The position of the next descriptor, for a notification: its slot, and in bit 15 the wrap counter. */
  get position(): number {
    return this.nextSlot | (this.wrap ? PVIRTQ_EVENT_WRAP : 0);
  }

  /** Free descriptors. */
  get free(): number {
    return this.freeSlots;
  }

  /** Descriptors that a chain of `segments` pieces takes. */
  cost(segments: number): number {
    return this.indirect !== null && segments > 1 ? 1 : segments;
  }

  /**
   * Adds a chain: segments that the device reads, then those that it writes. It is not visible before `publish`.
   * @returns the chain's id; null when too few descriptors are free.
   */
  add(readable: readonly Segment[], writable: readonly Segment[]): number | null {
    const count = chainLength(readable, writable, this.size);
    const cost = this.cost(count);
    if (cost > this.freeSlots) return null;
    const id = this.freeIds.pop()!;
    const parts = [...readable, ...writable];
    if (cost < count) this.put(this.table(id, parts, readable.length), INDIRECT, id);
    else
      parts.forEach((part, i) => {
        this.put(part, (i < readable.length ? 0 : WRITE) | (i + 1 < count ? NEXT : 0), id);
      });
    this.order?.lend(id, writable);
    this.lent[id] = cost;
    this.freeSlots -= cost;
    return id;
  }

  /**
   * Makes the chains added since the last time visible to the device.
   * @returns whether the device must be notified.
   */
  publish(): boolean {
    if (this.held === null) return false;
    // The first head last: the device stops at it, and once it is available, everything after it must be complete.
    this.memory.fence();
    this.memory.store(this.held.at + pvirtq_desc.offset.flags, this.held.flags, 2);
    this.held = null;
    const added = this.filled;
    this.filled = 0;
    this.memory.fence();
    return this.mustNotify(added);
  }

  /** The next chain that the device returned, or null. Its memory belongs to the driver again. */
  take(): UsedChain | null {
    const used = this.order?.next() ?? this.lookUp();
    if (used === null) return null;
    const slots = this.lent[used.id]!;
    this.lent[used.id] = 0;
    this.freeIds.push(used.id);
    this.freeSlots += slots;
    this.nextUsed += slots;
    if (this.nextUsed >= this.size) {
      this.nextUsed -= this.size;
      this.usedWrap = !this.usedWrap;
    }
    return used;
  }

  /** Takes every returned chain, and enables interrupts again before the last check. */
  drain(each: (id: number, length: number) => void): void {
    for (let again = true; again; ) {
      for (let used = this.take(); used !== null; used = this.take()) each(used.id, used.length);
      this.placeEvent();
      const used = this.take();
      again = used !== null;
      if (used !== null) each(used.id, used.length);
    }
  }

  /** Suppresses interrupts, for polling. Only a hint. */
  suppressInterrupts(): void {
    this.wantsInterrupts = false;
    this.memory.store(this.areas.driver + pvirtq_event_suppress.offset.flags, DISABLE, 2);
  }

  /** Frees the memory. Only after a reset of the device: until then it may use it. */
  release(): void {
    this.indirect?.release();
    const { desc, driver, device } = this.areas;
    for (const at of [desc, driver, device]) this.port.release(at);
  }

  private lookUp(): UsedChain | null {
    const at = this.areas.desc + this.nextUsed * pvirtq_desc.size;
    const flags = this.memory.load(at + pvirtq_desc.offset.flags, 2);
    const state = this.usedWrap ? AVAIL | USED : 0;
    if ((flags & (AVAIL | USED)) !== state || this.freeSlots === this.size) return null;
    this.memory.fence();
    const id = this.memory.load(at + pvirtq_desc.offset.id, 2);
    const length = this.memory.load(at + pvirtq_desc.offset.len, 4);
    if ((this.lent[id] ?? 0) === 0) throw notLent(this.port, this.index, id);
    return this.order?.tell({ id, length }) ?? { id, length };
  }

  private put(part: Segment, flags: number, id: number): void {
    const at = this.areas.desc + this.nextSlot * pvirtq_desc.size;
    const state = this.wrap ? AVAIL : USED;
    const head = this.held === null;
    writePackedDescriptor(this.memory, at, part, id, head ? null : flags | state);
    if (head) this.held = { at, flags: flags | state };
    this.filled++;
    this.nextSlot++;
    if (this.nextSlot < this.size) return;
    this.nextSlot = 0;
    this.wrap = !this.wrap;
  }

  private table(id: number, parts: readonly Segment[], readable: number): Segment {
    const table = this.indirect!.place(id, parts.length * pvirtq_desc.size);
    parts.forEach((part, i) => {
      const at = table.address + i * pvirtq_desc.size;
      writePackedDescriptor(this.memory, at, part, 0, i < readable ? 0 : WRITE);
    });
    return table;
  }

  private mustNotify(added: number): boolean {
    const { device } = this.areas;
    const flags = this.memory.load(device + pvirtq_event_suppress.offset.flags, 2);
    if (flags === ENABLE) return true;
    if (flags !== DESC) return false;
    const desc = this.memory.load(device + pvirtq_event_suppress.offset.desc, 2);
    const lap = ((desc & PVIRTQ_EVENT_WRAP) !== 0) === this.wrap ? 0 : this.size;
    const event = (desc & ~PVIRTQ_EVENT_WRAP) - lap;
    return ((this.nextSlot - event - 1) & 0xffff) < (added & 0xffff);
  }

  /** With EVENT_IDX: interrupt when the next outstanding descriptor is used. */
  private placeEvent(): void {
    if (!this.wantsInterrupts || !this.eventIdx) return;
    const { driver } = this.areas;
    const wrap = this.usedWrap ? PVIRTQ_EVENT_WRAP : 0;
    this.memory.store(driver + pvirtq_event_suppress.offset.desc, this.nextUsed | wrap, 2);
    this.memory.fence();
    this.memory.store(driver + pvirtq_event_suppress.offset.flags, DESC, 2);
    this.memory.fence();
  }
}
