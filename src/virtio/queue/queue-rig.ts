import { BitSet } from '../../core/bit-set.ts';
import type { Gpa } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { GuestMemory } from '../../core/memory.ts';
import { Rig } from '../../core/rig.ts';
import { QueueWatch } from '../../rules/virtio/queue/queue-watch.ts';
import { FEATURE } from '../registers.ts';
import type { InOrderRing, QueueHost } from './ring.ts';
import { SplitQueue } from './split-queue.ts';

export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;

/** A buffer of a chain: bytes for the device to read, or how many bytes it may write. */
export type Part = Uint8Array | number;

/**
 * For tests: a guest's end of a split queue, laid out by hand after virtio 1.4, Split Virtqueues. It shares no
 * declaration with the device, and it does only what it is told, wrong things included.
 */
export class RingGuest {
  readonly at: Gpa;
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly avail: Gpa;
  readonly used: Gpa;
  private freeDescriptor = 0;
  private freeByte: Gpa;
  private taken = 0;

  /** @param at a page; buffers lie from `buffers` on, never adjacent. */
  constructor(bytes: Uint8Array, at: Gpa, size: number, buffers: Gpa) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
    this.size = size;
    this.avail = at + 16 * size;
    this.used = at + Math.ceil((16 * size + 6 + 2 * size) / 4096) * 4096;
    this.freeByte = buffers;
  }

  /** Writes descriptor `i` of the table at `table`, by default the ring's own. */
  describe(i: number, address: Gpa, length: number, flags = 0, next = 0, table = this.at): void {
    const at = table + 16 * i;
    this.view.setBigUint64(at, BigInt(address), true);
    this.view.setUint32(at + 8, length, true);
    this.view.setUint16(at + 12, flags, true);
    this.view.setUint16(at + 14, next, true);
  }

  /** Describes a chain in the next descriptors; returns its head. Writable bytes are spoiled with db. */
  chain(...parts: readonly Part[]): number {
    const head = this.freeDescriptor;
    for (const [i, part] of parts.entries()) {
      const at = this.place(part);
      const flags = (typeof part === 'number' ? WRITE : 0) | (i < parts.length - 1 ? NEXT : 0);
      const here = (head + i) % this.size;
      this.describe(here, at, typeof part === 'number' ? part : part.length, flags, (here + 1) % this.size);
    }
    this.freeDescriptor = (head + parts.length) % this.size;
    return head;
  }

  /** Puts a buffer into RAM; returns its address. */
  place(part: Part): Gpa {
    const at = this.freeByte;
    const length = typeof part === 'number' ? part : part.length;
    this.freeByte = Math.ceil((at + length + 1) / 16) * 16;
    if (this.freeByte > this.bytes.length) throw new RangeError('the guest is out of memory');
    if (typeof part === 'number') this.bytes.fill(0xdb, at, at + length);
    else this.bytes.set(part, at);
    return at;
  }

  /** Makes chains available. */
  offer(...heads: readonly number[]): void {
    for (const head of heads) {
      this.view.setUint16(this.avail + 4 + 2 * (this.idx % this.size), head, true);
      this.idx = (this.idx + 1) & 0xffff;
    }
  }

  get idx(): number {
    return this.view.getUint16(this.avail + 2, true);
  }

  set idx(value: number) {
    this.view.setUint16(this.avail + 2, value, true);
  }

  set flags(value: number) {
    this.view.setUint16(this.avail, value, true);
  }

  set usedEvent(value: number) {
    this.view.setUint16(this.avail + 4 + 2 * this.size, value, true);
  }

  get availEvent(): number {
    return this.view.getUint16(this.used + 4 + 8 * this.size, true);
  }

  get usedIdx(): number {
    return this.view.getUint16(this.used + 2, true);
  }

  /** The chains used since the last call: head and length of each, in ring order. */
  take(): [id: number, length: number][] {
    const got: [number, number][] = [];
    for (; this.taken !== this.usedIdx; this.taken = (this.taken + 1) & 0xffff) {
      const at = this.used + 4 + 8 * (this.taken % this.size);
      got.push([this.view.getUint32(at, true), this.view.getUint32(at + 4, true)]);
    }
    return got;
  }

  /** The bytes of buffer `i` of the chain from `head`. */
  buffer(head: number, i = 0): Uint8Array {
    const at = this.at + 16 * ((head + i) % this.size);
    const address = Number(this.view.getBigUint64(at, true));
    return this.bytes.subarray(address, address + this.view.getUint32(at + 8, true));
  }
}

const LOW = 2 << 20;
/** RAM: 2 MiB from 0 and 64 KiB from here. */
export const HIGH = 2 ** 32;
const RING = 0x1000;

interface Features {
  readonly eventIdx?: true;
  readonly indirect?: true;
  readonly notifyOnEmpty?: true;
  readonly inOrder?: true;
}

/** For tests: a split queue, its guest, and the interrupts it asked for. */
export class QueueRig extends Rig {
  readonly eventIdx: boolean;
  readonly indirect: boolean;
  readonly notifyOnEmpty: boolean;
  readonly inOrder: boolean;
  readonly queue: SplitQueue;
  guest: RingGuest;
  interrupts = 0;

  constructor(size = 8, features: Features = {}) {
    super(GuestMemory.of(LOW + 0x1_0000, undefined, LOW));
    this.eventIdx = features.eventIdx ?? false;
    this.indirect = features.indirect ?? false;
    this.notifyOnEmpty = features.notifyOnEmpty ?? false;
    this.inOrder = features.inOrder ?? false;
    this.queue = new SplitQueue(0, size, this);
    this.guest = new RingGuest(this.board.memory.ranges[0]!.bytes, RING, size, 0x10_0000);
    watchRing(this.queue, this, this.journal);
    this.queue.configure(RING, this.guest.avail, this.guest.used);
  }

  queueInterrupt(): void {
    this.interrupts++;
  }

  /** Takes every chain; returns their heads. */
  popAll(): number[] {
    const heads: number[] = [];
    while (this.queue.pop()) heads.push(this.queue.chain.id);
    return heads;
  }

  /** Uses the chains of `ids` with a length of 0, and publishes them together. */
  finish(...ids: readonly number[]): void {
    for (const id of ids) this.queue.push(id, 0);
    this.queue.flush();
  }
}

/** For tests: watches a ring without a device, called `queue`. */
export function watchRing(ring: InOrderRing, host: QueueHost, journal: Journal): void {
  const accepted = new BitSet();
  if (host.eventIdx) accepted.add(FEATURE.EVENT_IDX);
  if (host.indirect) accepted.add(FEATURE.INDIRECT_DESC);
  if (host.inOrder) accepted.add(FEATURE.IN_ORDER);
  const watch = new QueueWatch(() => 'queue', journal, host.board.memory);
  watch.negotiated(accepted);
  ring.events = watch;
}
