import type { Gpa } from '../../../core/bits.ts';
import type { Moment } from '../../../core/watch.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { PVIRTQ_DESC_F, pvirtq_desc } from '../../../virtio/registers.ts';
import { addBuffer, addPackedTable } from './followed.ts';
import type { StoreKnows } from './knows.ts';
import type { Lent } from './lent.ts';
import { Overrun } from './overrun.ts';
import { packedAreas, packedField } from './packed-areas.ts';
import { Lap, PackedSlots } from './packed-slots.ts';
import type { RingArea } from './ring-areas.ts';
import { PART } from './ring-areas.ts';
import type { RingManners, StoreParts } from './ring-parts.ts';
import { RingStores } from './ring-stores.ts';
import { UnseenSlots } from './unseen-slots.ts';

const { NEXT, WRITE, INDIRECT } = PVIRTQ_DESC_F;
const DESC = pvirtq_desc.size;
const { len: LEN, flags: FLAGS } = pvirtq_desc.offset;

/** A packed ring, as the driver's stores make it. */
export class PackedStores extends RingStores {
  readonly areas: readonly RingArea[];
  private readonly size: number;
  private readonly desc: Gpa;
  private readonly slots: PackedSlots;
  /** The buffer that each descriptor belongs to, while it is the device's. */
  private readonly chainOf: (Lent | null)[];
  private readonly unseen: UnseenSlots;
  /** Buffers that the device has, oldest first; kept with IN_ORDER, where it may return the last of several only. */
  private order: Lent[] = [];
  /** Where the driver makes the next descriptor available, the device uses the next, and the list at the head goes on. */
  private readonly head = new Lap();
  private readonly tail = new Lap();
  private readonly ahead = new Lap();
  private slotsLent = 0;
  /** Where the device writes next, counting what is not published yet. */
  private writesNext = 0;
  private toldUnfinished = false;
  private readonly overrun = new Overrun();

  constructor(parts: StoreParts, place: RingPlace, manners: RingManners) {
    super(parts, place, manners);
    this.size = place.size;
    this.desc = place.desc;
    this.slots = new PackedSlots(parts.ram, place.desc, place.size);
    this.areas = packedAreas(this, place, manners.name);
    this.chainOf = new Array<Lent | null>(place.size).fill(null);
    this.unseen = new UnseenSlots(place.size);
  }

  get idx(): number {
    return this.head.slot;
  }

  get seenIdx(): number {
    return this.tail.slot;
  }

  get hasUnseen(): boolean {
    return this.unseen.any;
  }

  stored(part: number, offset: number, width: number, changed: boolean): void {
    if (!this.isLive) return;
    if (part === PART.used && changed) this.deviceStored(packedField(part, offset));
    if (part === PART.avail) this.hinted();
    if (part !== PART.desc) return;
    const slot = Math.floor(offset / DESC);
    if (changed) this.descriptorTouched(slot, this.desc + offset);
    if (this.chainOf[slot] === null) this.overrun.passed(slot);
    // Flags stored in two pieces are not complete after the first.
    if (width > 1 && (offset % DESC) + width > FLAGS) this.flagged(slot, changed);
  }

  overwriting(part: number, at: Gpa, from: Uint8Array): void {
    if (part !== PART.desc || !this.isLive) return;
    const first = Math.max(0, Math.floor((at - this.desc) / DESC));
    const end = Math.min(this.size, Math.ceil((at + from.length - this.desc) / DESC));
    for (let slot = first; slot < end; slot++) {
      const begin = this.desc + slot * DESC;
      const matters = this.chainOf[slot] !== null || this.unseen.has(slot);
      if (matters && this.parts.ram.differs(at, from, begin, begin + DESC))
        this.descriptorTouched(slot, Math.max(at, begin));
      if (this.chainOf[slot] === null) this.overrun.passed(slot);
    }
  }

  overwritten(part: number): void {
    if (part === PART.desc && this.isLive) this.expose();
  }

  loaded(part: number, offset: number, length: number): void {
    if (part !== PART.desc) return;
    const slot = Math.floor(offset / DESC);
    const at = offset % DESC;
    if (at + length > FLAGS) {
      this.looked();
      this.sync();
      const last = Math.min(this.size - 1, Math.floor((offset + length - 1) / DESC));
      this.turns.took(this.unseen.read(slot, last, this.returned));
    } else if (at + length > LEN && this.isLive) this.resultLoaded(slot, offset);
  }

  sync(): void {
    const { slots } = this;
    while (this.slotsLent > 0 && slots.isUsed(this.tail)) {
      const lent = this.chains[slots.id(this.tail.slot)];
      if (lent === undefined || !lent.active) return;
      this.unseen.add(this.tail.slot);
      // With IN_ORDER a used descriptor may stand for earlier buffers, too.
      if (this.manners.inOrder)
        while (this.order.length > 0 && this.order[0] !== lent) this.used(this.order.shift()!, -1);
      this.order.shift();
      this.used(lent, slots.length(this.tail.slot));
      this.writesNext = this.tail.slot;
    }
  }

  ring(): readonly string[] {
    const slot = this.slot >= 0 ? this.slot : (this.chains[this.chain]?.slots[0] ?? this.tail.slot);
    return [
      `ring    next available ${this.head.slot}, wrap ${Number(this.head.wrap)}; next used ${this.tail.slot}, wrap ${Number(this.tail.wrap)}`,
      `        ${this.slots.text(slot)}`,
    ];
  }

  protected get left(): number {
    return this.unseen.left;
  }

  protected expose(): void {
    if (!this.slots.isAvailable(this.head)) return;
    this.sync();
    this.followed = 0;
    if (this.slotsLent === this.size) this.ranOut(this.head, false);
    while (this.slotsLent < this.size && this.slots.isAvailable(this.head)) if (!this.exposeList()) return;
  }

  protected lentTaken(id: number): Lent | null {
    return this.chains[id] ?? null;
  }

  override finishes(id: number): void {
    super.finishes(id);
    // From here on the device itself writes this descriptor.
    this.chainOf[this.writesNext] = null;
    this.writesNext = (this.writesNext + (this.chains[id]?.slotCount ?? 0)) % this.size;
  }

  protected walk(lent: Lent): void {
    const { slots } = this;
    const { slotCount } = lent;
    lent.empty();
    for (let i = 0; i < slotCount; i++) {
      const slot = lent.slots[i]!;
      const flags = slots.flags(slot);
      this.chainOf[slot] = lent;
      if ((flags & INDIRECT) !== 0)
        addPackedTable(this.parts.ram, lent, slots.address(slot), slots.length(slot));
      else addBuffer(this.parts.ram, lent, slots.address(slot), slots.length(slot), (flags & WRITE) !== 0);
    }
    lent.slotCount = slotCount;
    this.lend(lent);
  }

  protected inTable(lent: Lent, address: Gpa): string {
    return packedField(PART.desc, address - lent.table);
  }

  /** Follows the list at the head; false if it is not complete yet, or makes no sense. */
  private exposeList(): boolean {
    const { ahead } = this;
    ahead.set(this.head);
    let count = 0;
    for (let more = true; more; ) {
      if (count === this.size - this.slotsLent) return this.ranOut(ahead, true);
      if (!this.slots.isAvailable(ahead)) return this.unfinished(ahead);
      // A table in a list is a mistake of another kind.
      more = (this.slots.flags(ahead.slot) & (NEXT | INDIRECT)) === NEXT;
      count++;
      ahead.next(this.size);
    }
    const last = (ahead.slot || this.size) - 1;
    if (!this.begin(this.slots.id(last), count)) return false;
    this.head.set(ahead);
    this.toldUnfinished = false;
    return true;
  }

  private begin(id: number, count: number): boolean {
    const lent = this.beginLent(id, this.exposed);
    if (lent === null) return false;
    this.exposed++;
    for (let i = 0; i < count; i++) {
      const slot = (this.head.slot + i) % this.size;
      lent.slots[i] = slot;
      this.unseen.drop(slot);
    }
    lent.slotCount = count;
    this.slotsLent += count;
    if (this.manners.inOrder) this.order.push(lent);
    this.overrun.clear();
    this.follow(lent);
    this.moments.wellExposed(count > 1 && !this.toldUnfinished);
    if (this.returned > 0 && !this.manners.inOrder) this.moments.wellReused();
    return true;
  }

  /** The list at the head does not fit: it has reached a slot that the device has. */
  private ranOut(at: Lap, isList: boolean): false {
    const over = this.slots.isAvailable(at);
    if (this.slotsLent === 0 || (!over && !isList)) return false;
    this.noRoom = over ? 'over' : 'waits';
    this.isList = isList;
    this.tellSlot(at.slot, this.moments.exposed);
    this.noRoom = 'no';
    // From here on the owner of each descriptor is unknown.
    this.giveUp();
    return false;
  }

  private unfinished(at: Lap): false {
    if (this.toldUnfinished) return false;
    if (this.slots.isOfOtherLap(at)) return this.lapped(at.slot);
    this.toldUnfinished = this.isList = true;
    this.tellSlot(at.slot, this.moments.exposed);
    return false;
  }

  /** By its flags the descriptor is one of another lap, and the device waits here for ever. */
  private lapped(slot: number): false {
    this.chain = this.slots.id(slot);
    this.tellWrong(this.moments.lapped, packedField(PART.desc, slot * DESC + FLAGS));
    this.giveUp();
    return false;
  }

  /** About the list at the head, and a slot. */
  private tellSlot(slot: number, moment: Moment<StoreKnows>): void {
    this.chain = this.slots.id(this.head.slot);
    this.slot = slot;
    moment.tell(this);
    this.slot = -1;
  }

  /** With IN_ORDER a driver need not read the flags of every descriptor that was used. */
  private hinted(): void {
    if (this.manners.inOrder || !this.asks) return;
    this.sync();
    this.wakeUps.wanted(this.hasUnseen);
  }

  private flagged(slot: number, changed: boolean): void {
    const { head, slots } = this;
    const isFree = changed && this.chainOf[slot] === null && slot >= head.slot;
    // Both clear may be how a driver begins; both set, in a lap of 1, is the device's mark of what it has used.
    const isUsed = slot === head.slot && head.wrap && slots.isUsed(head);
    slots.flagsStored(slot);
    if (isFree && (isUsed || slots.isMarked(slot, !head.wrap))) this.lapped(slot);
    else this.expose();
  }

  /** The next slots become the driver's again, as many as the buffer had; it may have been made available in others. */
  private used(lent: Lent, written: number): void {
    // No list was made available over what the driver changed.
    if (this.overrun.lent === lent) this.touchedDescriptor(lent, this.overrun.end());
    const count = lent.slotCount;
    for (let i = 0; i < count; i++) {
      this.chainOf[this.tail.slot] = null;
      this.slots.cameBack(this.tail.slot);
      this.tail.next(this.size);
    }
    this.slotsLent -= count;
    this.giveBack(lent, written);
    this.returned++;
  }

  private descriptorTouched(slot: number, address: Gpa): void {
    if (this.chainOf[slot] !== null) this.sync();
    const lent = this.chainOf[slot]!;
    // With IN_ORDER a driver may read the last of several only.
    if (lent === null && (!this.unseen.has(slot) || this.manners.inOrder)) return;
    const field = packedField(PART.desc, address - this.desc);
    if (lent === null) {
      this.unseen.drop(slot);
      this.tellWrong(this.moments.reused, field);
    } else if (this.overrun.goesOn(slot, this.tail.slot, this.slotsLent === this.size, this.size))
      this.overrun.hold(slot, lent, field);
    else this.touchedDescriptor(lent, field);
  }

  private resultLoaded(slot: number, offset: number): void {
    this.sync();
    if (!this.unseen.has(slot)) return void this.moments.wellRead();
    this.showLoad(PART.desc, offset);
    this.unseen.drop(slot);
    this.tellWrong(this.moments.entryRead, packedField(PART.desc, offset));
  }
}
