import type { Mark } from '../../../core/access.ts';
import type { Gpa } from '../../../core/bits.ts';
import { JudgedRing } from './judged-ring.ts';
import { Lent, type LentOwner } from './lent.ts';
import { RANGE } from './lent-index.ts';
import type { AreaOwner, RingArea } from './ring-areas.ts';

const { table: TABLE, readable: READABLE, writable: WRITABLE, left: LEFT } = RANGE;
/** Buffers that are followed, of all chains that the driver makes available at once. */
const FOLLOWED_MAX = 0x2000;

/**
 * The state of one ring, of either format, by the driver's stores: which chains the device has, their memory, and what
 * the driver touches of it. Which came back is read in the ring itself, when it matters.
 */
export abstract class RingStores extends JudgedRing implements LentOwner, AreaOwner {
  abstract readonly areas: readonly RingArea[];
  /** Chains made available. Not modulo anything. */
  protected exposed = 0;
  /** Buffers that were followed since the driver made chains available last. */
  protected followed = 0;
  /** The store that made chains available last. */
  protected exposedAt: Mark = 0;
  /** `exposedAt` when a late entry was reported last: each such store is reported once. */
  private toldAt: Mark = -1;
  /** Made available, and not yet compared with what else devices have: an entry may still be wrong. */
  private readonly unchecked: Lent[] = [];
  /** Its memory was given back, or it is no longer judged. */
  private gone = false;
  /** It was reported already that the driver writes what the device writes. */
  private toldDevice = false;
  /** The device may look. */
  private live = false;
  /** The part of it whose memory was given back before the device could look. */
  private freedEarly: readonly [name: string, address: Gpa] | null = null;

  abstract stored(part: number, offset: number, width: number, changed: boolean): void;
  abstract overwriting(part: number, at: Gpa, from: Uint8Array): void;
  abstract overwritten(part: number): void;
  abstract loaded(part: number, offset: number, length: number, value: number): void;
  abstract sync(): void;
  /** Finds the chains that are available in RAM. */
  protected abstract expose(): void;
  /** The chain that the device took, which was made available as number `position`. */
  protected abstract lentTaken(id: number, position: number): Lent | null;
  /** Follows a chain's descriptors, again or for the first time. */
  protected abstract walk(lent: Lent): void;

  /** DRIVER_OK: from now on the device may look at any time. */
  start(): void {
    if (this.live || this.gone) return;
    this.live = true;
    this.expose();
    if (this.freedEarly !== null) this.tellFreed(...this.freedEarly);
  }

  taken(id: number): void {
    this.start();
    if (this.takenCount === this.exposed) this.expose();
    const lent = this.lentTaken(id, this.takenCount++);
    if (lent?.loose && lent.active) this.follow(lent);
    if (lent?.active) this.parts.shadows?.took(lent, this.place.desc);
    this.check();
  }

  /** The queue was kicked: what was made available is final. */
  kicked(): void {
    this.check();
  }

  /** The device is about to put a chain into the used ring: the last look at it as the driver left it. */
  finishes(id: number): void {
    const lent = this.chains[id];
    if (lent?.active) this.parts.shadows?.lookAt(lent);
  }

  putBack(count: number): void {
    this.takenCount -= count;
  }

  /** Everything is the driver's again. */
  forget(): void {
    this.ended();
    if (this.live && !this.gone) this.moments.wellRingLeft();
    for (const lent of this.chains) {
      if (lent === undefined) continue;
      this.dropRanges(lent);
      lent.active = lent.left = false;
    }
  }

  tableChanged(lent: Lent, address: Gpa): void {
    if (this.stillLent(lent))
      this.touchedDescriptor(
        lent,
        `the table of descriptor ${lent.slots[0]}, ${this.inTable(lent, address)}`,
        lent.count > 0,
      );
  }

  bufferChanged(lent: Lent, address: Gpa, isRead: boolean): void {
    if (!this.stillLent(lent)) return;
    this.showBuffer(address, true);
    this.tellOf(lent, isRead ? this.moments.rewritten : this.moments.scribbled, '', address, isRead);
  }

  peeked(lent: Lent, address: Gpa): void {
    if (!this.stillLent(lent)) return;
    this.showBuffer(address, false);
    this.tellOf(lent, this.moments.peeked, '', address);
  }

  freed(lent: Lent, address: Gpa): void {
    if (!this.stillLent(lent)) return;
    this.isFreed = true;
    this.tellOf(lent, this.moments.freed, '', address);
    this.isFreed = false;
  }

  memoryFreed(area: RingArea, address: Gpa): void {
    if (this.gone) return;
    if (this.live) this.tellFreed(area.name, address);
    else this.freedEarly = [area.name, address];
  }

  private tellFreed(name: string, address: Gpa): void {
    this.gone = true;
    this.address = address;
    this.other = name;
    this.tellWrong(this.moments.ringFreed, '');
  }

  /** The driver stored to what the device writes of the ring. */
  protected deviceStored(field: string): void {
    if (this.toldDevice) return;
    this.toldDevice = true;
    this.tellWrong(this.moments.deviceStored, field);
  }

  leftRead(lent: Lent, address: Gpa): void {
    this.written = lent.written;
    this.showBuffer(address, false);
    this.tellOf(lent, this.moments.left, '', address);
  }

  /** A chain that is made available; null if the device still has one of that id. */
  protected beginLent(id: number, position: number): Lent | null {
    let lent = this.chains[id];
    if (lent?.active) {
      this.tellMistaken(lent);
      return null;
    }
    if (lent === undefined) this.chains[id] = lent = new Lent(this);
    else if (lent.left) this.dropRanges(lent);
    lent.begin(id, position, this.parts.journal.mark);
    return lent;
  }

  /** Follows a chain; beyond `FOLLOWED_MAX` buffers only when the device takes it, or never. */
  protected follow(lent: Lent): void {
    lent.loose = this.followed > FOLLOWED_MAX;
    if (lent.loose) return;
    this.walk(lent);
    this.followed += lent.count;
  }

  protected get isLive(): boolean {
    return this.live;
  }

  /** Stops judging the ring. */
  protected giveUp(): void {
    this.live = false;
    this.gone = true;
    for (const lent of this.chains) if (lent !== undefined) lent.told = true;
  }

  /** A descriptor, or a table's entry, of a chain that was made available was stored; `isDone`: it had been complete. */
  protected touchedDescriptor(lent: Lent, field: string, isDone = false): void {
    if (lent.told) return;
    const late = lent.position >= this.takenCount;
    if (late) {
      this.dropRanges(lent);
      lent.loose = true;
    }
    // From its address on, it is written for another chain.
    const isLate = late && !(isDone && field.endsWith('.addr'));
    this.tellOf(lent, isLate ? this.moments.late : this.moments.changed, field, 0);
  }

  /** An entry of the ring, which names the chain `head`, was stored after it was made available. */
  protected tellLate(head: number, field: string): void {
    if (this.toldAt === this.exposedAt) return;
    this.toldAt = this.exposedAt;
    this.chain = head;
    this.mark = this.exposedAt;
    this.tellWrong(this.moments.late, field);
  }

  private stillLent(lent: Lent): boolean {
    this.sync();
    return lent.active && !lent.told;
  }

  /** A chain is the device's from here on: its buffers and its indirect table. */
  protected lend(lent: Lent): void {
    const { index } = this.parts;
    if (lent.tableBytes > 0) index.add(lent.table, lent.tableBytes, TABLE, lent);
    for (let i = 0; i < lent.count; i++) {
      const address = lent.addresses[i]!;
      const length = lent.lengths[i]!;
      this.dropLeft(address, length);
      index.add(address, length, i < lent.readable ? READABLE : WRITABLE, lent);
    }
    this.unchecked.push(lent);
  }

  /** Checks that newly lent memory has no other owner. */
  private check(): void {
    const { unchecked } = this;
    const { clashes } = this.parts;
    // Of two that clash the later one is reported.
    for (let i = unchecked.length - 1; i >= 0; i--) {
      const lent = unchecked[i]!;
      if (!lent.active || lent.told) continue;
      if (lent.meetsAt >= 0) this.tellShared(lent);
      else if (clashes.has(lent)) this.tellClash(lent, clashes);
      else if (lent.readable < lent.count) this.moments.wellLent();
    }
    unchecked.length = 0;
  }

  protected dropRanges(lent: Lent): void {
    this.parts.index.remove(lent);
  }

  /** The chain is the driver's again; the device wrote `written` bytes, -1 where it gave no number. */
  protected giveBack(lent: Lent, written: number): void {
    if (!lent.active) return;
    lent.active = false;
    lent.cameAs = this.returned;
    if (lent.position > lent.cameAs) this.moments.wellOvertaken();
    this.dropRanges(lent);
    if (!lent.told && this.couldTell(lent))
      this.moments.wellReturned(lent.readable > 0, lent.readable < lent.count);
    this.parts.shadows?.forget(lent);
    if (written < 0 || written >= lent.writableBytes || this.manners.legacy || lent.told) return;
    this.leave(lent, written);
    this.moments.wellLeft();
  }

  /** Whether a change would have been seen: where stores are not, only of chains that are kept. */
  private couldTell(lent: Lent): boolean {
    const { shadows } = this.parts;
    return shadows === null || !shadows.alone || lent.copy !== null;
  }

  /** Indexes what the device did not write of the chain's buffers. */
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

  /** Memory that is lent again, or stored to, no longer counts as left unwritten by a device. */
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

  protected areaOf(part: number): RingArea {
    return this.areas[part]!;
  }

  protected abstract inTable(lent: Lent, address: Gpa): string;
}
