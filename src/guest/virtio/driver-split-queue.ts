import type { BitSet } from '../../core/bit-set.ts';
import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import {
  FEATURE,
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  VIRTQ_DESC_F,
  VIRTQ_USED_F_NO_NOTIFY,
  virtq_avail,
  virtq_used,
  virtq_used_elem,
} from '../../virtio/registers.ts';
import { checkFeatures } from './features.ts';
import { InOrder } from './in-order.ts';
import { chainLength, IndirectTables, type Segment, writeDescriptor } from './indirect-tables.ts';
import { notLent, type UsedChain } from './used-chain.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;

/**
 * The driver's side of a split virtqueue, in the legacy layout. Chains are added, published together, and taken back in
 * the order in which the device finished them.
 *
 * @example
 * const queue = new DriverSplitQueue(port, { index: 0, size: 256, features });
 * transport.setQueue(0, queue.areas);
 * const id = queue.add([request], [answer]);    // null: no descriptors left
 * if (queue.publish()) transport.notify(0);
 * queue.drain((id, length) => …);               // in the interrupt handler, or while polling
 * queue.release();                              // after the device was reset
 */
export class DriverSplitQueue {
  readonly index: number;
  readonly size: number;
  /** Address of the ring, a multiple of 4096. */
  readonly address: Gpa;
  /** Addresses of its three parts. */
  readonly areas: { readonly desc: Gpa; readonly driver: Gpa; readonly device: Gpa };
  private readonly port: GuestPort;
  private readonly memory: DriverMemory;
  private readonly avail: Gpa;
  private readonly used: Gpa;
  private readonly eventIdx: boolean;
  private readonly indirect: IndirectTables | null;
  private readonly order: InOrder | null;
  /**
   * The successor of each descriptor, in the free list and in each chain. Returned ones go to the end of the free list,
   * so that chains use descriptors in ring order, as IN_ORDER requires.
   */
  private readonly next: Uint16Array;
  private firstFree = 0;
  private lastFree: number;
  private freeCount: number;
  /** Descriptors of the chain that begins at each one; 0 if the device does not have a chain with that head. */
  private readonly lent: Uint16Array;
  /** Counters modulo 65536: chains added, chains the device knows of, chains taken back. */
  private added = 0;
  private published = 0;
  private taken = 0;
  private wantsInterrupts = true;

  /**
   * @param queue.size the value of the device's Queue Size register, a power of two.
   * @param queue.features what was negotiated; EVENT_IDX, INDIRECT_DESC and IN_ORDER matter here.
   */
  constructor(port: GuestPort, queue: { index: number; size: number; features: BitSet }) {
    checkFeatures('queue.features', queue.features);
    const layout = legacyQueueLayout(queue.size);
    this.port = port;
    this.memory = port.memory;
    this.index = queue.index;
    this.size = queue.size;
    this.eventIdx = queue.features.has(FEATURE.EVENT_IDX);
    this.indirect = queue.features.has(FEATURE.INDIRECT_DESC) ? new IndirectTables(port) : null;
    this.order = queue.features.has(FEATURE.IN_ORDER) ? new InOrder() : null;
    this.address = port.allocate(layout.bytes, LEGACY_QUEUE_ALIGN);
    this.memory.fill(this.address, 0, layout.bytes);
    this.avail = this.address + layout.avail;
    this.used = this.address + layout.used;
    this.areas = { desc: this.address, driver: this.avail, device: this.used };
    this.next = new Uint16Array(queue.size);
    for (let i = 0; i < queue.size; i++) this.next[i] = i + 1;
    this.lastFree = queue.size - 1;
    this.lent = new Uint16Array(queue.size);
    this.freeCount = queue.size;
  }

  /** The position of the next chain, for a notification: `avail.idx`. */
  get position(): number {
    return this.published;
  }

  /** Free descriptors. */
  get free(): number {
    return this.freeCount;
  }

  /** Descriptors that a chain of `segments` pieces takes. */
  cost(segments: number): number {
    return this.indirect !== null && segments > 1 ? 1 : segments;
  }

  /**
   * Adds a chain: segments that the device reads, then those that it writes. It is not visible before `publish`.
   * @returns the chain's id, its first descriptor; null when too few descriptors are free.
   */
  add(readable: readonly Segment[], writable: readonly Segment[]): number | null {
    const count = chainLength(readable, writable, this.size);
    if (this.cost(count) > this.freeCount) return null;
    const id = this.firstFree;
    if (this.cost(count) < count) this.addTable(id, readable, writable);
    else this.addChain(readable, writable);
    this.order?.lend(id, writable);
    this.memory.store(this.avail + virtq_avail.size + 2 * (this.added % this.size), id, 2);
    this.added = (this.added + 1) & 0xffff;
    return id;
  }

  /**
   * Makes the chains added since the last time visible to the device.
   * @returns whether the device must be notified: it has not suppressed that.
   */
  publish(): boolean {
    if (this.added === this.published) return false;
    const old = this.published;
    // Descriptors and entries are stored before the index: the device may read at any time.
    this.memory.fence();
    this.memory.store(this.avail + virtq_avail.offset.idx, this.added, 2);
    this.published = this.added;
    // The index is stored before the flag is read: otherwise the device could request a notification in between, and get
    // none.
    this.memory.fence();
    if (!this.eventIdx)
      return (this.memory.load(this.used + virtq_used.offset.flags, 2) & VIRTQ_USED_F_NO_NOTIFY) === 0;
    const event = this.memory.load(this.used + virtq_used.size + virtq_used_elem.size * this.size, 2);
    return crossed(event, this.added, old);
  }

  /** The next chain that the device returned, or null. Its memory belongs to the driver again. */
  take(): UsedChain | null {
    const used = this.order?.next() ?? this.lookUp();
    if (used === null) return null;
    this.taken = (this.taken + 1) & 0xffff;
    this.giveBack(used.id);
    return used;
  }

  /**
   * Takes every returned chain. Interrupts are enabled again before the last check, so that a chain used in between is
   * either seen here or causes an interrupt.
   */
  drain(each: (id: number, length: number) => void): void {
    do {
      for (let used = this.take(); used !== null; used = this.take()) each(used.id, used.length);
      this.placeUsedEvent();
    } while (this.memory.load(this.used + virtq_used.offset.idx, 2) !== this.taken);
  }

  /** Suppresses interrupts, for polling. Only a hint. */
  suppressInterrupts(): void {
    this.wantsInterrupts = false;
    if (this.eventIdx) this.placeUsedEvent();
    else this.memory.store(this.avail + virtq_avail.offset.flags, VIRTQ_AVAIL_F_NO_INTERRUPT, 2);
  }

  /** Frees the memory. Only after a reset of the device: until then it may use it. */
  release(): void {
    this.indirect?.release();
    this.port.release(this.address);
  }

  /** With EVENT_IDX: interrupt at the next chain, or at the one just passed, which is 65535 chains away. */
  private placeUsedEvent(): void {
    if (!this.eventIdx) return;
    const event = this.wantsInterrupts ? this.taken : this.taken - 1;
    this.memory.store(this.avail + virtq_avail.size + 2 * this.size, event & 0xffff, 2);
    this.memory.fence();
  }

  private lookUp(): UsedChain | null {
    if (this.memory.load(this.used + virtq_used.offset.idx, 2) === this.taken) return null;
    // The index is read before the entry that it announces.
    this.memory.fence();
    const entry = this.used + virtq_used.size + virtq_used_elem.size * (this.taken % this.size);
    const id = this.memory.load(entry + virtq_used_elem.offset.id, 4);
    const length = this.memory.load(entry + virtq_used_elem.offset.len, 4);
    if ((this.lent[id] ?? 0) === 0) throw notLent(this.port, this.index, id);
    return this.order?.tell({ id, length }) ?? { id, length };
  }

  private addChain(readable: readonly Segment[], writable: readonly Segment[]): void {
    const count = readable.length + writable.length;
    const head = this.firstFree;
    let at = head;
    for (let i = 0; i < count; i++) {
      const reads = i < readable.length;
      const segment = reads ? readable[i]! : writable[i - readable.length]!;
      const flags = (reads ? 0 : WRITE) | (i + 1 < count ? NEXT : 0);
      writeDescriptor(this.memory, this.address, at, segment, flags, i + 1 < count ? this.next[at]! : 0);
      at = this.next[at]!;
    }
    this.firstFree = at;
    this.freeCount -= count;
    this.lent[head] = count;
  }

  private addTable(head: number, readable: readonly Segment[], writable: readonly Segment[]): void {
    const table = this.indirect!.fill(head, readable, writable);
    writeDescriptor(this.memory, this.address, head, table, INDIRECT, 0);
    this.firstFree = this.next[head]!;
    this.freeCount--;
    this.lent[head] = 1;
  }

  private giveBack(head: number): void {
    const count = this.lent[head]!;
    if (this.freeCount === 0) this.firstFree = head;
    else this.next[this.lastFree] = head;
    let last = head;
    for (let i = 1; i < count; i++) last = this.next[last]!;
    this.lastFree = last;
    this.freeCount += count;
    this.lent[head] = 0;
  }
}

/** Whether the index passed `event` on its way from `old` to `now`. All modulo 65536. */
function crossed(event: number, now: number, old: number): boolean {
  return ((now - event - 1) & 0xffff) < ((now - old) & 0xffff);
}
