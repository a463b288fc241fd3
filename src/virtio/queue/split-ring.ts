import {
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  VIRTQ_DESC_F,
  VIRTQ_USED_F_NO_NOTIFY,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../registers.ts';
import { Ring } from './ring.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
export const UNKNOWN_FLAGS = 0xffff & ~(NEXT | WRITE | INDIRECT);
const DESC_WORDS = virtq_desc.size / 4;

/** A split ring in RAM, its outstanding chains, its hints, and the general walk that detects every fault. */
export abstract class SplitRing extends Ring {
  protected readonly packed = false;
  protected descWords: Int32Array = new Int32Array(0);
  protected availHalves: Uint16Array = new Uint16Array(0);
  protected usedHalves: Uint16Array = new Uint16Array(0);
  /** The used ring's elements. */
  protected usedWords: Int32Array = new Int32Array(0);
  protected nextAvail = 0;
  /** By head: 1 while the device has the chain. Queues that are never set up have no room for any. */
  protected inFlight: Uint16Array = new Uint16Array(0);
  /** It was placed, and the device has not looked at it since. */
  protected isNew = false;

  checkNotified(nextOff: number): boolean {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return true;
    return nextOff === this.availHalves[1];
  }

  rest(): void {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return;
    if (this.host.eventIdx) this.askForKick();
    else if (this.hushed) this.setHint(0, 0);
    this.hushed = false;
    this.chooseWay();
  }

  /** Suppresses kicks. With EVENT_IDX nothing is to do: the requested index is already passed. */
  hush(): void {
    if (this.host.eventIdx || (this.openEpoch !== this.memory.epoch && !this.reopen())) return;
    if (this.isNew) this.lookAtFlags();
    this.hushed = true;
    this.chooseWay();
    this.setHint(0, VIRTQ_USED_F_NO_NOTIFY);
  }

  /** Before the device has written them: NetBSD clears a ring once it has given its address. */
  protected lookAtFlags(): void {
    this.isNew = false;
    const flags = this.driverUsedFlags;
    if (flags !== 0) this.tell('used flags', 0, flags);
  }

  /** used.flags, as they are in RAM. */
  protected get driverUsedFlags(): number {
    return this.usedHalves[0]!;
  }

  /** Enables a kick when the driver moves avail.idx past here. */
  protected askForKick(): void {
    this.setHint(2 + this.size * 4, this.nextAvail);
  }

  /** Makes the hint that does not count say that no kick is needed. */
  protected placeDecoy(): void {
    if (this.host.eventIdx) this.setHint(0, VIRTQ_USED_F_NO_NOTIFY);
    else this.setHint(2 + this.size * 4, (this.nextAvail - 1) & 0xffff);
  }

  /** Writes a hint for the driver's kicks, at that place of the used ring in halves. */
  protected setHint(half: number, value: number): void {
    this.usedHalves[half] = value;
    const at = this.device + half * 2;
    this.memory.dirty?.(at, at + 2, false);
  }

  get suppressed(): boolean {
    return !this.host.eventIdx && (this.availHalves[0]! & VIRTQ_AVAIL_F_NO_INTERRUPT) !== 0;
  }

  protected override locate(): boolean {
    const { memory, size } = this;
    const desc = memory.find(this.desc, size * virtq_desc.size);
    const avail = memory.find(this.driver, virtq_avail.size + size * 2 + 2);
    const used = memory.find(this.device, virtq_used.size + size * virtq_used_elem.size + 2);
    if (desc === null || avail === null || used === null) return false;
    this.writtenAt = this.device;
    this.writtenBytes = virtq_used.size + size * virtq_used_elem.size;
    this.descWords = desc.words.subarray((this.desc - desc.base) / 4);
    this.availHalves = avail.halves.subarray((this.driver - avail.base) / 2);
    this.usedHalves = used.halves.subarray((this.device - used.base) / 2);
    this.usedWords = used.words.subarray((this.device - used.base + virtq_used.size) / 4);
    return true;
  }

  /** The general walk, from the head: any address, indirect tables, and all faults. */
  protected walk(head: number): boolean {
    const { size } = this;
    const slot = this.nextAvail & (size - 1);
    if (head >= size) return this.stop('head beyond', slot, head, size);
    if (this.inFlight[head] !== 0) this.tell('head in flight', slot, head);
    this.chain.begin();
    return this.walkTable(this.descWords, 0, size, head, false);
  }

  private walkTable(words: Int32Array, table: number, count: number, head: number, nested: boolean): boolean {
    let i = head;
    for (let steps = 0; steps < count; steps++) {
      const at = this.entryAt(table, i);
      const flags = words[at + 3]! & 0xffff;
      if ((flags & UNKNOWN_FLAGS) !== 0) this.tell('flags unknown', i, flags);
      if ((flags & INDIRECT) !== 0) return this.walkIndirect(words, at, flags, nested);
      if (!this.addChecked(words, at, (flags & WRITE) !== 0, i)) return false;
      if ((flags & NEXT) === 0) return true;
      const next = words[at + 3]! >>> 16;
      if (next >= count) return this.stop('next beyond', i, next, count);
      if (this.host.inOrder && next !== (i + 1) % count)
        this.tell(nested ? 'table next astray' : 'next astray', i, next);
      i = next;
    }
    return this.stop('chain endless', 0, head);
  }

  /** The place, in words, at which entry `i` of a table is read. */
  protected entryAt(table: number, i: number): number {
    return table + i * DESC_WORDS;
  }

  private walkIndirect(words: Int32Array, at: number, flags: number, nested: boolean): boolean {
    if (nested) return this.stop('table nested');
    // A lenient device follows the table nevertheless.
    if (!this.host.indirect) this.tell('table unasked');
    if ((flags & NEXT) !== 0) this.tell('table with next');
    const table = this.indirectTable(words, at);
    return table !== null && this.walkTable(table.words, table.word, table.count, 0, true);
  }
}
