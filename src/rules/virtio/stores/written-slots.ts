import type { Gpa } from '../../../core/bits.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { VIRTQ_DESC_F, virtq_avail, virtq_desc } from '../../../virtio/registers.ts';
import type { Lent } from './lent.ts';
import type { RingRam } from './ring-ram.ts';

const DESC = virtq_desc.size;
const NONE = -1;
/** Descriptors of a chain that are looked at. */
const FAR = 64;

/**
 * Descriptors of a split ring that were written since they came back: what is written again is used again. A free list
 * that has a descriptor twice gives it out twice for one chain, which then loses what lies between.
 */
export class WrittenSlots {
  /** It was written again while a chain of written descriptors led from it back to it; -1 for none. */
  private again = NONE;
  /** The descriptor that led back. */
  private through = NONE;
  private readonly written: Uint8Array;
  /** The lower halves of their addresses. */
  private readonly addresses: Uint32Array;
  private readonly ram: RingRam;
  private readonly desc: Gpa;

  constructor(ram: RingRam, desc: Gpa, size: number) {
    this.ram = ram;
    this.desc = desc;
    this.written = new Uint8Array(size);
    this.addresses = new Uint32Array(size);
  }

  has(slot: number): boolean {
    return this.written[slot] === 1;
  }

  /**
   * The address of a descriptor was stored that no chain has, and the rest of it need not be yet. With the address that it has, it is
   * written once more for the same buffer, as by a driver that takes NEXT from the last of a chain.
   */
  store(slot: number): void {
    const address = this.ram.u32(this.desc + DESC * slot + (this.ram.little ? 0 : 4));
    const isSame = this.has(slot) && this.addresses[slot] === address;
    this.addresses[slot] = address;
    if (isSame) return;
    const through = this.has(slot) ? this.leadsBack(slot) : NONE;
    this.written[slot] = 1;
    if (through === NONE && slot !== this.again) return;
    this.again = through === NONE ? NONE : slot;
    this.through = through;
  }

  cameBack({ slots, slotCount }: Lent): void {
    for (let i = 0; i < slotCount; i++) this.written[slots[i]!] = 0;
  }

  /** A chain that is made available meets itself if it has `again` without what led back to it. */
  check(lent: Lent): void {
    if (this.again === NONE || !this.lacks(lent)) return;
    lent.meetsAt = this.again;
    lent.meets = lent.id;
  }

  /** A driver that gave a chain up and began anew has both. */
  private lacks({ slots, slotCount }: Lent): boolean {
    const { again, through } = this;
    let hasAgain = false;
    for (let i = 0; i < slotCount; i++) {
      if (slots[i] === through && through !== again) return false;
      if (slots[i] === again) hasAgain = true;
    }
    return hasAgain && this.leadsBack(again) === NONE;
  }

  private leadsBack(slot: number): number {
    let at = slot;
    for (let steps = 0; steps < FAR && this.has(at); steps++) {
      const entry = this.desc + DESC * at;
      if ((this.ram.u16(entry + virtq_desc.offset.flags) & VIRTQ_DESC_F.NEXT) === 0) return NONE;
      const next = this.ram.u16(entry + virtq_desc.offset.next);
      if (next === slot) return at;
      at = next;
    }
    return NONE;
  }
}

/**
 * Entries of an available ring that the driver stored since the device knows the ring. One that it makes available, and has not
 * stored, is what lay there.
 */
export class StoredEntries {
  private readonly stored: Uint8Array;
  /** Slots that were not. */
  private left: number;
  /** Some were since entries were made available last: not all stores need be seen. */
  private hasNew = false;
  private readonly ram: RingRam;
  private readonly behind: Gpa;
  private readonly eventIdx: boolean;
  /** Since then: the first entry was stored, and what would be an entry more. */
  private hasFirst = false;
  private isOver = false;

  constructor(ram: RingRam, { size, driver }: RingPlace, eventIdx: boolean) {
    this.stored = new Uint8Array(size);
    this.left = size;
    this.ram = ram;
    this.behind = driver + virtq_avail.size + 2 * size;
    this.eventIdx = eventIdx;
  }

  /** Bytes were stored, from `offset` behind where the first entry begins. */
  store(offset: number, length: number): void {
    if (offset < 2 && offset + length > 0) this.hasFirst = true;
    if (!this.eventIdx && offset === 2 * this.stored.length && length === 2) this.isOver = true;
    if (this.left === 0) return;
    const end = Math.min(this.stored.length, (offset + length + 1) >> 1);
    for (let slot = Math.max(0, offset >> 1); slot < end; slot++) {
      this.mark(slot);
      this.hasNew = true;
    }
  }

  /**
   * The first slot of `count` from `position` on that was not stored, and is 0 as memory is at first; -1 for none. A driver may have
   * filled its ring before: then slots have other heads. After the last slot comes the first, and no other behind it.
   */
  lacks(heads: Uint16Array, position: number, count: number): number {
    const { stored, left, hasNew, hasFirst, isOver } = this;
    this.hasNew = this.hasFirst = this.isOver = false;
    if (isOver && !hasFirst && position > 0 && position % stored.length === 0 && this.isHeadOver(heads))
      return 0;
    if (left === 0 || !hasNew) return -1;
    let first = -1;
    for (let i = position; i < position + count; i++) {
      const slot = i % stored.length;
      if (stored[slot] === 1) continue;
      if (heads[slot] !== 0) return -1;
      if (first < 0) first = slot;
    }
    // Of each slot it is told once.
    if (first >= 0) this.mark(first);
    return first;
  }

  /** A head, and another than that in the first entry: no index up to which interrupts are asked for, unused as it is. */
  private isHeadOver(heads: Uint16Array): boolean {
    const head = this.ram.u16(this.behind);
    return head < this.stored.length && head !== heads[0];
  }

  /** The name of what `lacks` found. Beyond the first lap it is the entry that a driver took for another. */
  nameOf(slot: number): string {
    return `avail.ring[${slot}]${this.left === 0 ? `, and not avail.ring[${this.stored.length}],` : ''}`;
  }

  private mark(slot: number): void {
    if (this.stored[slot] === 0) this.left--;
    this.stored[slot] = 1;
  }
}
