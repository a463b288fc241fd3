import type { GuestMemory } from '../../core/memory.ts';
import type { VirtioDevice } from '../../virtio/device.ts';
import { VirtioNet } from '../../virtio/net/device.ts';
import type { RingPlace } from '../../virtio/queue/events.ts';
import type { Chain, ChainSegment } from '../../virtio/queue/virtqueue.ts';
import {
  PVIRTQ_DESC_F,
  pvirtq_desc,
  pvirtq_event_suppress,
  virtq_avail,
  virtq_used,
  virtq_used_elem,
} from '../../virtio/registers.ts';

const { AVAIL, USED } = PVIRTQ_DESC_F;
const { len, id, flags } = pvirtq_desc.offset;

/** Whether it is a queue on which a card gives received frames to its driver. */
export function isReceiveQueue(device: VirtioDevice, queue: number): boolean {
  return device instanceof VirtioNet && device.kindOf(queue) === 'receive';
}

/** The bytes of buffers that lie apart, as if they lay together. */
class Scattered {
  readonly length: number;
  private readonly memory: GuestMemory;
  private readonly segments: readonly ChainSegment[];

  constructor(memory: GuestMemory, segments: readonly ChainSegment[]) {
    this.memory = memory;
    this.segments = segments;
    this.length = segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** A copy of all of them. */
  get bytes(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    this.each((part, at) => bytes.set(part, at));
    return bytes;
  }

  /** Writes those that fit, from `to` on. */
  write(to: number, bytes: Iterable<number>): void {
    const all = this.bytes;
    const given = Uint8Array.from(bytes);
    if (to < all.length) all.set(given.subarray(0, all.length - to), to);
    this.each((part, at) => part.set(all.subarray(at, at + part.length)));
  }

  private each(does: (part: Uint8Array, at: number) => void): void {
    let at = 0;
    for (const { address, length } of this.segments) {
      const part = this.memory.slice(address, length);
      if (part !== null) does(part, at);
      at += length;
    }
  }
}

interface Taken {
  readonly segments: readonly ChainSegment[];
  /** Descriptors of the ring that it takes. */
  readonly slots: number;
}

/** An entry of a used ring as it lies in RAM, and its chain. */
export class UsedEntry {
  readonly device: VirtioDevice;
  readonly ring: UsedRing;
  /** The chain's buffers that the device read, and those that it wrote. */
  readonly readable: Scattered;
  readonly writable: Scattered;
  private readonly slot: number;

  constructor(ring: UsedRing, slot: number, segments: readonly ChainSegment[]) {
    const { memory } = ring.device.board;
    this.device = ring.device;
    this.ring = ring;
    this.slot = slot;
    this.readable = new Scattered(
      memory,
      segments.filter(({ writable }) => !writable),
    );
    this.writable = new Scattered(
      memory,
      segments.filter(({ writable }) => writable),
    );
  }

  get id(): number {
    return this.ring.idAt(this.slot);
  }

  set id(id: number) {
    this.ring.setId(this.slot, id);
  }

  get length(): number {
    return this.ring.lengthAt(this.slot);
  }

  set length(length: number) {
    this.ring.setLength(this.slot, length);
  }
}

/**
 * What a device says of its used chains, in RAM: the ring that it has just written, to be read and rewritten before
 * the driver goes on. The device itself never reads that.
 */
export class UsedRing {
  readonly device: VirtioDevice;
  readonly queue: number;
  /** Ids that were lent since the queue was set up, and the id that came back last. */
  readonly everLent = new Set<number>();
  last: number | null = null;
  private readonly place: RingPlace;
  private readonly taken = new Map<number, Taken>();
  private entries: UsedEntry[] = [];
  /** Chains that were taken, and where the next used entry goes. */
  private takes = 0;
  private next = 0;
  private wrap = true;

  constructor(device: VirtioDevice, queue: number, place: RingPlace) {
    this.device = device;
    this.queue = queue;
    this.place = place;
  }

  get size(): number {
    return this.place.size;
  }

  take(chain: Chain, indirect: boolean): void {
    this.takes++;
    this.everLent.add(chain.id);
    this.taken.set(chain.id, { segments: chain.segments(), slots: indirect ? 1 : chain.count });
  }

  putBack(count: number): void {
    this.takes -= count;
    for (const id of [...this.taken.keys()].slice(-count)) this.taken.delete(id);
  }

  use(id: number): void {
    const { segments = [], slots = 1 } = this.taken.get(id) ?? {};
    this.taken.delete(id);
    this.entries.push(new UsedEntry(this, this.next, segments));
    const { packed, size } = this.place;
    this.next += packed ? slots : 1;
    if (this.next < size) return;
    this.next -= size;
    this.wrap = !this.wrap;
  }

  /** The entries since the last time. */
  published(): readonly UsedEntry[] {
    const { entries } = this;
    this.entries = [];
    return entries;
  }

  /** Whether the device has it, or may take it. */
  isLent(id: number): boolean {
    if (this.taken.has(id)) return true;
    const { packed, size, driver } = this.place;
    if (packed) return false;
    const end = this.get(driver + virtq_avail.offset.idx, 2);
    for (let i = this.takes & 0xffff; i !== end; i = (i + 1) & 0xffff)
      if (this.get(driver + virtq_avail.size + 2 * (i % size), 2) === id) return true;
    return false;
  }

  /** A split ring says that so many more were used, or, below 0, fewer; a packed one that one more was. */
  move(by: number): boolean {
    const { packed, device } = this.place;
    const at = device + virtq_used.offset.idx;
    if (!packed) this.put(at, (this.get(at, 2) + by) & 0xffff, 2);
    else if (by > 0) this.put(this.descAt(this.next) + flags, this.wrap ? AVAIL | USED : 0, 2);
    return !packed || by > 0;
  }

  /** Its hints for the driver's kicks: flags, and where it wants one. */
  hint(hints: number, event: number): void {
    const { packed, device, size } = this.place;
    const ring = virtq_used.size + virtq_used_elem.size * size;
    const at = packed ? pvirtq_event_suppress.offset : { desc: ring, flags: virtq_used.offset.flags };
    this.put(device + at.flags, hints, 2);
    this.put(device + at.desc, event, 2);
  }

  idAt(slot: number): number {
    return this.place.packed
      ? this.get(this.descAt(slot) + id, 2)
      : this.get(this.elementAt(slot) + virtq_used_elem.offset.id, 4);
  }

  setId(slot: number, told: number): void {
    if (this.place.packed) this.put(this.descAt(slot) + id, told & 0xffff, 2);
    else this.put(this.elementAt(slot) + virtq_used_elem.offset.id, told, 4);
  }

  lengthAt(slot: number): number {
    return this.get(this.lengthPlace(slot), 4);
  }

  setLength(slot: number, length: number): void {
    this.put(this.lengthPlace(slot), length, 4);
  }

  private lengthPlace(slot: number): number {
    return this.place.packed ? this.descAt(slot) + len : this.elementAt(slot) + virtq_used_elem.offset.len;
  }

  private descAt(slot: number): number {
    return this.place.desc + pvirtq_desc.size * slot;
  }

  private elementAt(slot: number): number {
    return this.place.device + virtq_used.size + virtq_used_elem.size * slot;
  }

  private get(address: number, width: 2 | 4): number {
    const range = this.device.board.memory.find(address, width)!;
    const at = address - range.base;
    return width === 2 ? range.view.getUint16(at, this.little) : range.view.getUint32(at, this.little);
  }

  private put(address: number, value: number, width: 2 | 4): void {
    const range = this.device.board.memory.find(address, width)!;
    const at = address - range.base;
    if (width === 2) range.view.setUint16(at, value, this.little);
    else range.view.setUint32(at, value, this.little);
  }

  private get little(): boolean {
    return this.place.endian === 'le';
  }
}
