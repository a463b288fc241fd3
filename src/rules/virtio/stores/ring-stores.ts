import type { Describer, Mark } from '../../../core/access.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Moment } from '../../../core/watch.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { ringPicture } from '../queue/picture/ring-pictures.ts';
import type { Lent, LentOwner } from './lent.ts';
import { RANGE } from './lent-index.ts';
import type { Moments } from './moments.ts';
import type { RingManners, StoreParts } from './ring-parts.ts';
import type { StoreKnows } from './stores.ts';

/** A part of a ring in RAM. */
export interface RingArea extends Describer {
  readonly ring: RingStores;
  readonly part: number;
  readonly from: Gpa;
  readonly to: Gpa;
}

const { table: TABLE, readable: READABLE, writable: WRITABLE, left: LEFT } = RANGE;
/** Entries of an indirect table that are followed; a table may say that it is longer than anything. */
const TABLE_MAX = 0x8000;
/** Buffers that are looked after, of all chains that the driver makes available at once. */
const FOLLOWED_MAX = 0x2000;

/**
 * What the driver's stores say of one ring, whatever its format: which chains the device has, what they consist of, and
 * what the driver touches of it. Which came back is read in the ring itself, whenever it matters.
 */
export abstract class RingStores implements LentOwner, StoreKnows {
  abstract readonly areas: readonly RingArea[];
  wrong = false;
  field = '';
  address: Gpa = 0;
  chain = 0;
  slot = -1;
  written = 0;
  readsBuffers = false;
  writesBuffers = false;
  isList = false;
  mark: Mark = 0;
  protected readonly parts: StoreParts;
  protected readonly place: RingPlace;
  protected readonly manners: RingManners;
  protected readonly moments: Moments;
  /** Chains made available, taken by the device, and come back. Not modulo anything. */
  protected exposed = 0;
  protected takenCount = 0;
  protected returned = 0;
  /** Buffers that were followed since the driver made chains available last. */
  protected followed = 0;
  /** The store that made chains available last. */
  protected exposedAt: Mark = 0;
  /** `exposedAt` when a late entry was told of last: one store is told of once. */
  private toldAt: Mark = -1;
  /** The device may look. */
  private live = false;
  private readonly buffers: Describer;

  constructor(parts: StoreParts, place: RingPlace, manners: RingManners) {
    this.buffers = { name: manners.name, describe: () => `${manners.name} a buffer` };
    this.parts = parts;
    this.place = place;
    this.manners = manners;
    this.moments = place.packed ? parts.packed : parts.split;
  }

  get subject(): string {
    return this.manners.subject();
  }

  /** Around the chain that is spoken of. */
  get picture(): RingPicture {
    const { place, takenCount: taken, chain, field } = this;
    const slot = this.slot < 0 ? null : this.slot;
    return ringPicture(this.parts.ram.memory, { place, taken, chain, slot, about: field || null });
  }

  abstract get idx(): number;
  abstract get seenIdx(): number;
  abstract ring(): readonly string[];
  /** The driver stored an integer to a part of the ring; `changed` if another stood there. */
  abstract stored(part: number, offset: number, width: number, changed: boolean): void;
  /** Bytes are about to be copied to `at`, over a part of the ring. */
  abstract overwriting(part: number, at: Gpa, from: Uint8Array): void;
  abstract overwritten(part: number): void;
  /** The driver loaded from a part of the ring. `value` is -1 where it was more than an integer. */
  abstract loaded(part: number, offset: number, length: number, value: number): void;
  abstract sync(): void;
  /** Sees which chains are available in RAM. */
  protected abstract expose(): void;
  /** The chain that the device took, which was made available as number `position`. */
  protected abstract lentTaken(id: number, position: number): Lent | null;
  /** The chain that the device is done with. */
  protected abstract lentFinished(id: number): Lent | null;
  /** Follows a chain's descriptors, again or for the first time. */
  protected abstract walk(lent: Lent): void;
  /** Every chain that was made available. */
  protected abstract lents(): Iterable<Lent>;

  /** DRIVER_OK: from now on the device may look at any time. */
  start(): void {
    if (this.live) return;
    this.live = true;
    this.expose();
  }

  taken(id: number): void {
    this.start();
    if (this.takenCount === this.exposed) this.expose();
    const lent = this.lentTaken(id, this.takenCount++);
    if (lent?.loose && lent.active) this.follow(lent);
    if (lent?.active) this.parts.shadows?.took(lent, this.place.desc);
  }

  /** The device is about to put a chain into the used ring: the last time that it is seen as the driver left it. */
  finishes(id: number): void {
    const lent = this.lentFinished(id);
    if (lent?.active) this.parts.shadows?.lookAt(lent);
  }

  putBack(count: number): void {
    this.takenCount -= count;
  }

  /** All is the driver's again. */
  forget(): void {
    for (const lent of this.lents()) {
      this.dropRanges(lent);
      lent.active = lent.left = false;
    }
  }

  tableChanged(lent: Lent, address: Gpa): void {
    if (this.stillLent(lent))
      this.touchedDescriptor(
        lent,
        `the table of descriptor ${lent.slots[0]}, ${this.inTable(lent, address)}`,
      );
  }

  bufferChanged(lent: Lent, address: Gpa): void {
    if (!this.stillLent(lent)) return;
    this.showBuffer(address, true);
    this.tellOf(lent, this.moments.rewritten, '', address);
  }

  peeked(lent: Lent, address: Gpa): void {
    if (!this.stillLent(lent)) return;
    this.showBuffer(address, false);
    this.tellOf(lent, this.moments.peeked, '', address);
  }

  leftRead(lent: Lent, address: Gpa): void {
    this.written = lent.written;
    this.showBuffer(address, false);
    this.tellOf(lent, this.moments.left, '', address);
  }

  /** Looks after a chain; where there are so many that it would take long, when the device takes it, or never. */
  protected follow(lent: Lent): void {
    lent.loose = this.followed > FOLLOWED_MAX;
    if (lent.loose) return;
    this.walk(lent);
    this.followed += lent.count;
  }

  protected get isLive(): boolean {
    return this.live;
  }

  /** The driver stored to a descriptor, or a table's entry, of a chain that was made available. */
  protected touchedDescriptor(lent: Lent, field: string): void {
    if (lent.told) return;
    const late = lent.position >= this.takenCount;
    if (late) {
      this.dropRanges(lent);
      lent.loose = true;
    }
    this.tellOf(lent, late ? this.moments.late : this.moments.changed, field, 0);
  }

  /** An entry of the ring, which names the chain `head`, was stored after it was made available. */
  protected tellLate(head: number, field: string): void {
    if (this.toldAt === this.exposedAt) return;
    this.toldAt = this.exposedAt;
    this.chain = head;
    this.mark = this.exposedAt;
    this.wrong = true;
    this.field = field;
    this.moments.late.tell(this);
    this.wrong = false;
  }

  /** Puts a load into the trail, for a finding to show: loads are not kept otherwise. */
  protected showLoad(part: number, offset: number): void {
    const area = this.areas[part]!;
    const at = area.from + offset - (offset % 4);
    this.parts.journal.trail.ring(area, offset - (offset % 4), at, 4, this.parts.ram.u32(at), false);
  }

  /** An access to a buffer, which a finding is to show. */
  private showBuffer(address: Gpa, write: boolean): void {
    this.parts.journal.trail.ring(this.buffers, 0, address, 1, null, write);
  }

  private stillLent(lent: Lent): boolean {
    this.sync();
    return lent.active && !lent.told;
  }

  private tellOf(lent: Lent, moment: Moment<StoreKnows>, field: string, address: Gpa): void {
    lent.told = true;
    this.about(lent);
    this.wrong = true;
    this.field = field;
    this.address = address;
    moment.tell(this);
    this.wrong = false;
  }

  private about(lent: Lent): void {
    this.chain = lent.id;
    this.mark = lent.mark;
    this.readsBuffers = lent.readable > 0;
    this.writesBuffers = lent.readable < lent.count;
  }

  /** A chain is the device's from here on: its buffers, and where it goes on in its table. */
  protected lend(lent: Lent): void {
    const { index } = this.parts;
    if (lent.tableBytes > 0) index.add(lent.table, lent.tableBytes, TABLE, lent);
    for (let i = 0; i < lent.count; i++) {
      const address = lent.addresses[i]!;
      const length = lent.lengths[i]!;
      this.dropLeft(address, length);
      index.add(address, length, i < lent.readable ? READABLE : WRITABLE, lent);
    }
  }

  protected dropRanges(lent: Lent): void {
    this.parts.index.remove(lent);
  }

  /** The chain is the driver's again; the device wrote `written` bytes, or said nothing of it (-1). */
  protected giveBack(lent: Lent, written: number): void {
    if (!lent.active) return;
    lent.active = false;
    this.dropRanges(lent);
    if (!lent.told && this.couldTell(lent))
      this.moments.wellReturned(lent.readable > 0, lent.readable < lent.count);
    lent.pieces = null;
    if (written < 0 || written >= lent.writableBytes || this.manners.legacy || lent.told) return;
    this.leave(lent, written);
    this.moments.wellLeft();
  }

  /** Whether a change would have been seen: where nobody tells of stores, of what is kept. */
  private couldTell(lent: Lent): boolean {
    const { shadows } = this.parts;
    return shadows === null || !shadows.alone || lent.pieces !== null;
  }

  /** What the device did not write of the chain's buffers. */
  private leave(lent: Lent, written: number): void {
    let left = written;
    for (let i = lent.readable; i < lent.count; i++) {
      const length = lent.lengths[i]!;
      const own = Math.min(left, length);
      left -= own;
      if (own < length) this.parts.index.add(lent.addresses[i]! + own, length - own, LEFT, lent);
    }
    lent.left = true;
    lent.written = written;
  }

  /** Memory that is lent again, or stored to, holds nothing any more that a device left unwritten. */
  dropLeft(address: Gpa, length: number): void {
    const { index } = this.parts;
    for (let at = index.find(address, length, LEFT); at >= 0; at = index.find(address, length, LEFT)) {
      const lent = index.lentOf(at);
      lent.owner.forgetLeft(lent);
    }
  }

  forgetLeft(lent: Lent): void {
    this.dropRanges(lent);
    lent.left = false;
  }

  protected addBuffer(lent: Lent, address: Gpa, length: number, writable: boolean): void {
    if (length > 0 && !lent.isFull && this.parts.ram.isRam(address, length))
      lent.add(address, length, writable);
  }

  protected setTable(lent: Lent, table: Gpa, bytes: number): number {
    if (bytes === 0 || !this.parts.ram.isRam(table, bytes)) return 0;
    lent.table = table;
    lent.tableBytes = bytes;
    return Math.min(bytes >>> 4, TABLE_MAX);
  }

  protected abstract inTable(lent: Lent, address: Gpa): string;
}
