import type { Gpa } from '../../../core/bits.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import {
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import { addBuffer, addTable } from './followed.ts';
import { SplitHints } from './interrupt-hints.ts';
import type { Lent } from './lent.ts';
import type { RingArea } from './ring-areas.ts';
import { PART } from './ring-areas.ts';
import type { RingManners, StoreParts } from './ring-parts.ts';
import { RingStores } from './ring-stores.ts';
import { distance, splitAreas, splitField, splitText } from './split-areas.ts';
import { StoredEntries, WrittenSlots } from './written-slots.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const DESC = virtq_desc.size;
const ELEMENT = virtq_used_elem.size;

/** A split ring, as the driver's stores make it. */
export class SplitStores extends RingStores {
  readonly areas: readonly RingArea[];
  private readonly size: number;
  private readonly desc: Gpa;
  private readonly avail: Gpa;
  private readonly used: Gpa;
  private readonly hints: SplitHints;
  /** The head of each chain made available, by its place in the ring. */
  private readonly heads: Uint16Array;
  /** The chain that each descriptor belongs to, as its head plus 1; 0 is none. */
  private readonly chainOf: Uint16Array;
  private readonly fresh: WrittenSlots;
  private readonly entries: StoredEntries;
  /** used.idx as the driver loaded it last: not modulo anything, and as it was in RAM; and where it reads entries. */
  private seen = 0;
  private polled = -1;
  private cursor = 0;

  constructor(parts: StoreParts, place: RingPlace, manners: RingManners) {
    super(parts, place, manners);
    const { size, desc, driver, device } = place;
    this.size = size;
    this.desc = desc;
    this.avail = driver;
    this.used = device;
    this.hints = new SplitHints(parts.ram, place, manners.eventIdx);
    this.areas = splitAreas(this, place, manners.name);
    this.heads = new Uint16Array(size);
    this.chainOf = new Uint16Array(size);
    this.fresh = new WrittenSlots(parts.ram, desc, size);
    this.entries = new StoredEntries(parts.ram, place, manners.eventIdx);
  }

  get idx(): number {
    return this.exposed & 0xffff;
  }

  get seenIdx(): number {
    return this.seen & 0xffff;
  }

  get hasUnseen(): boolean {
    return this.usedIdx() !== this.seenIdx;
  }

  protected get left(): number {
    return this.seen - this.cursor;
  }

  override get asks(): boolean {
    return this.hints.wants(this.seen, true);
  }

  stored(part: number, offset: number, width: number, changed: boolean): void {
    const i = Math.floor(offset / DESC);
    if (part === PART.desc && offset % DESC === 0 && this.chainOf[i] === 0) this.fresh.store(i);
    if (part === PART.avail) this.entries.store(offset - virtq_avail.size, width);
    if (!this.isLive) return;
    if (part === PART.used) {
      if (changed) this.usedStored(offset);
    } else if (part === PART.desc) {
      if (changed) this.descriptorTouched(i, this.desc + offset);
    } else if (part === PART.avail) {
      // An index stored in two pieces is not complete after the first.
      if (offset < 4 && width > 1 && offset + width > 2) this.expose();
      else if (this.hints.isIn(offset)) {
        if (this.hints.wants(this.seen, changed)) this.wakeUps.wanted(this.hasUnseen);
      } else if (offset >= 4 && changed) this.entryTouched((offset - 4) >> 1);
    }
  }

  overwriting(part: number, at: Gpa, from: Uint8Array): void {
    const { ram } = this.parts;
    if (part === PART.avail) this.entries.store(at - this.avail - virtq_avail.size, from.length);
    if (!this.isLive) return;
    if (part === PART.used) {
      if (ram.differs(at, from, this.used, this.used + virtq_used.size)) this.usedStored(0);
      return;
    }
    const base = part === PART.desc ? this.desc : this.avail + virtq_avail.size;
    const entry = part === PART.desc ? DESC : 2;
    const first = Math.max(0, Math.floor((at - base) / entry));
    const end = Math.min(this.size, Math.ceil((at + from.length - base) / entry));
    for (let i = first; i < end; i++) {
      const begin = base + i * entry;
      if (part === PART.desc && this.chainOf[i] === 0) continue;
      if (!ram.differs(at, from, begin, begin + entry)) continue;
      if (part === PART.desc) this.descriptorTouched(i, Math.max(at, begin));
      else this.entryTouched(i);
    }
  }

  overwritten(part: number): void {
    if (this.isLive && part === PART.avail) this.expose();
  }

  loaded(part: number, offset: number, length: number, value: number): void {
    if (part !== PART.used) return;
    if (offset < 4) {
      if (offset + length <= 2) return;
      this.looked();
      // The driver polls, and sees the same index again.
      if (offset === 2 && value === this.polled && length === 2) return;
      this.polled = this.usedIdx();
      this.sync();
      this.seen += (this.polled - this.seen) & 0xffff;
      return;
    }
    const slot = Math.floor((offset - virtq_used.size) / ELEMENT);
    if (this.isLive && (slot < this.size || length > 2)) this.entryLoaded(slot, offset, length);
  }

  sync(): void {
    const { ram } = this.parts;
    const count = (this.usedIdx() - this.returned) & 0xffff;
    if (count === 0 || count > this.exposed - this.returned) return;
    for (let i = 0; i < count; i++, this.returned++) {
      const slot = this.returned % this.size;
      const element = this.used + virtq_used.size + slot * ELEMENT;
      const id = ram.u32(element);
      const written = ram.u32(element + virtq_used_elem.offset.len);
      // With IN_ORDER an entry may stand for those that follow it, which have none.
      const head = this.manners.inOrder ? this.heads[slot]! : id;
      const lent = this.chains[head];
      if (lent === undefined || !lent.active) continue;
      this.disown(lent);
      this.fresh.cameBack(lent);
      this.giveBack(lent, id === head ? written : -1);
    }
  }

  ring(): readonly string[] {
    return splitText(this.parts.ram, this.place, this.takenCount, this.chain);
  }

  protected expose(): void {
    const { ram } = this.parts;
    const count = (ram.u16(this.avail + virtq_avail.offset.idx) - this.exposed) & 0xffff;
    // An index that goes back, or too far, is reported when the device sees it.
    if (count === 0 || count > this.size) return;
    this.sync();
    this.followed = 0;
    for (let i = 0; i < count; i++, this.exposed++) {
      const slot = this.exposed % this.size;
      this.heads[slot] = ram.u16(this.avail + virtq_avail.size + 2 * slot);
      this.expect(this.heads[slot]!, this.exposed);
    }
    this.exposedAt = this.parts.journal.mark;
    const unstored = this.entries.lacks(this.heads, this.exposed - count, count);
    if (unstored < 0) this.moments.wellExposed(false);
    else this.tellLate(this.heads[unstored]!, this.entries.nameOf(unstored));
  }

  protected lentTaken(id: number, position: number): Lent | null {
    if (this.chains[id]?.active !== true) {
      this.heads[position % this.size] = id;
      this.expect(id, position);
    }
    return this.chains[id] ?? null;
  }

  protected walk(lent: Lent): void {
    this.disown(lent);
    lent.empty();
    const { ram } = this.parts;
    let i = lent.id;
    for (let steps = 0; steps < this.size && i < this.size; steps++) {
      if (this.chainOf[i] !== 0) {
        this.meet(lent, i);
        break;
      }
      const at = this.desc + DESC * i;
      const flags = ram.u16(at + virtq_desc.offset.flags);
      const length = ram.u32(at + virtq_desc.offset.len);
      this.chainOf[i] = lent.id + 1;
      lent.slots[lent.slotCount++] = i;
      if ((flags & INDIRECT) !== 0) {
        addTable(ram, lent, ram.u64(at), length);
        break;
      }
      addBuffer(ram, lent, ram.u64(at), length, (flags & WRITE) !== 0);
      if ((flags & NEXT) === 0) break;
      i = ram.u16(at + virtq_desc.offset.next);
    }
    this.lend(lent);
  }

  /** The walk comes to a descriptor that is taken. If it is the chain's own, that is a loop, which the device sees. */
  private meet(lent: Lent, slot: number): void {
    const head = this.chainOf[slot]! - 1;
    if (head === lent.id) return;
    lent.meetsAt = slot;
    lent.meets = head;
  }

  protected inTable(lent: Lent, address: Gpa): string {
    return splitField(PART.desc, address - lent.table, this.size);
  }

  /** A driver may mark entries that came back: only other stores to the used ring are reported. */
  private usedStored(offset: number): void {
    const isEntry = offset >= virtq_used.size && offset < virtq_used.size + ELEMENT * this.size;
    if (!isEntry) this.deviceStored(splitField(PART.used, offset, this.size));
  }

  private usedIdx(): number {
    return this.parts.ram.u16(this.used + virtq_used.offset.idx);
  }

  /** A head that the device still has is judged by another rule: its chain is kept. */
  private expect(head: number, position: number): void {
    if (head >= this.size) return;
    const lent = this.beginLent(head, position);
    if (lent === null) return;
    this.follow(lent);
    this.fresh.check(lent);
  }

  private descriptorTouched(i: number, address: Gpa): void {
    if (this.chainOf[i] === 0) return;
    this.sync();
    const owner = this.chainOf[i]!;
    const field = splitField(PART.desc, address - this.desc, this.size);
    if (owner !== 0) this.touchedDescriptor(this.chains[owner - 1]!, field, this.fresh.has(i));
  }

  /** Once the device took the head in an entry, the entry is the driver's again. */
  private entryTouched(slot: number): void {
    if (slot >= this.size) return;
    const position = this.takenCount + distance(slot, this.takenCount, this.size);
    if (position >= this.exposed) return;
    this.tellLate(this.heads[slot]!, `avail.ring[${slot}]`);
    const lent = this.chains[this.heads[slot]!];
    // The old entry's chain was not meant.
    if (lent?.position !== position) return;
    this.disown(lent);
    this.dropRanges(lent);
    lent.active = false;
  }

  /** Its descriptors belong to no chain any more. */
  private disown({ slots, slotCount }: Lent): void {
    for (let i = 0; i < slotCount; i++) this.chainOf[slots[i]!] = 0;
  }

  /**
   * The driver may read the entries below the used.idx that it has read. A slot below that holds an entry of the next lap:
   * that was read too early if it is published, the very next, or was never written. Behind the ring are two bytes.
   */
  private entryLoaded(slot: number, offset: number, length: number): void {
    const last = Math.min(this.size - 1, Math.floor((offset + length - 1 - virtq_used.size) / ELEMENT));
    for (let i = slot; i <= last; i++) {
      const ahead = distance(i, this.seen, this.size);
      const covered = this.seen + ahead - this.size;
      if (covered >= 0 && covered >= this.cursor - 1) {
        if (covered >= this.cursor) this.turns.took(1);
        this.cursor = covered + 1;
        this.moments.wellRead();
        return;
      }
    }
    const ahead = distance(slot, this.seen, this.size);
    const published = (this.usedIdx() - this.seen) & 0xffff;
    const isUnwritten = length > 2 && length <= ELEMENT && slot >= Math.min(this.seen, this.size);
    if (isUnwritten || ahead < Math.max(1, published)) this.readEarly(slot, offset);
  }

  private readEarly(slot: number, offset: number): void {
    this.showLoad(PART.used, offset);
    const { size } = this;
    this.chain = this.parts.ram.u32(this.used + virtq_used.size + (slot % size) * ELEMENT) % size;
    const field = slot < size ? splitField(PART.used, offset, size) : `used.ring[${slot}], of ${size},`;
    this.tellWrong(this.moments.entryRead, field);
  }
}
