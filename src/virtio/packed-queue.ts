import type { Gpa } from '../core/bits.ts';
import { passedEvent } from './packed-event.ts';
import { isNextOfDriver } from './packed-notified.ts';
import {
  PVIRTQ_DESC_F,
  PVIRTQ_EVENT,
  PVIRTQ_EVENT_WRAP,
  pvirtq_desc,
  pvirtq_event_suppress,
} from './registers.ts';
import { type InOrderRing, type QueueHost, Ring } from './ring.ts';
import { meetPackedRules } from './ring-rules.ts';

const { NEXT, WRITE, INDIRECT, AVAIL, USED } = PVIRTQ_DESC_F;
const { ENABLE, DISABLE, DESC } = PVIRTQ_EVENT;
const STATE = AVAIL | USED;
const DESC_WORDS = pvirtq_desc.size / 4;
/** Buffer ids are 16 bits wide, whatever the queue's size. */
const IDS = 0x1_0000;

/**
 * The device's end of a packed virtqueue (virtio 1.4, Packed Virtqueues): one ring in which a descriptor is made
 * available and marked used in place, told apart by two wrap counters.
 */
export class PackedQueue extends Ring implements InOrderRing {
  private descWords: Int32Array = new Int32Array(0);
  private driverHalves: Uint16Array = new Uint16Array(0);
  private deviceHalves: Uint16Array = new Uint16Array(0);
  private nextAvail = 0;
  /** AVAIL and USED as they are in a descriptor that is available: the driver's wrap counter. */
  private available: number = AVAIL;
  private nextUsed = 0;
  /** AVAIL and USED as they are in a descriptor that is used: the device's wrap counter. */
  private usedBits = STATE;
  /** Slots of each outstanding buffer; 0 is none. */
  private readonly slots = new Uint16Array(IDS);
  /** Slots of the buffers popped last, for `rewind`; a ring. */
  private readonly popped: Uint16Array;
  private pops = 0;
  /** The first used descriptor that is not published: its flags are written last, by `flush`. */
  private heldWord = -1;
  private heldFlags = 0;
  private publishedUsed = 0;
  private dryOnce = false;

  constructor(index: number, maximum: number, host: QueueHost) {
    super(index, maximum, host);
    this.popped = new Uint16Array(maximum);
  }

  configure(desc: Gpa, driver: Gpa, device: Gpa): void {
    const { size } = this;
    this.reset();
    this.size = size;
    const { journal } = this.host.board;
    journal.met('virtio/VQ-PACKED-D1');
    if (desc % 16 !== 0 || driver % 4 !== 0 || device % 4 !== 0) {
      this.configured = true;
      this.stop(
        'virtio/VQ-PACKED-D1',
        `the ring at ${desc.toString(16)} and its event structures are not aligned`,
      );
      return;
    }
    this.place(desc, driver, device);
  }

  reset(): void {
    this.forget();
    this.nextAvail = this.nextUsed = this.publishedUsed = this.pops = 0;
    this.available = AVAIL;
    this.usedBits = STATE;
    this.heldWord = -1;
    this.slots.fill(0);
    this.dryOnce = false;
  }

  pop(): boolean {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return false;
    const state = this.descWords[this.nextAvail * DESC_WORDS + 3]! >>> 16;
    if (((state ^ this.available) & STATE) !== 0) return this.ranDry();
    return this.fastWalk() || this.fastTable() || this.walk();
  }

  /** The list of plain buffers in low RAM; false, with nothing decided, if it has anything else in it. */
  private fastWalk(): boolean {
    const { chain, descWords: words, fastRam: ram, size } = this;
    const { address, length, writable } = chain;
    let slot = this.nextAvail;
    let expected = this.available;
    let count = 0;
    let total = 0;
    let written = 0;
    let idFlags = 0;
    do {
      const at = slot * DESC_WORDS;
      idFlags = words[at + 3]!;
      const low = words[at]!;
      const len = words[at + 2]!;
      if (words[at + 1] !== 0 || (low | len) < 0 || len === 0 || low > ram - len) return false;
      const write = (idFlags >>> 17) & 1;
      if ((((idFlags >>> 16) ^ expected) & (STATE | INDIRECT)) !== 0) return false;
      if ((write === 0 && written > 0) || count === size) return false;
      address[count] = low;
      length[count] = len;
      writable[count] = write;
      count++;
      total += len;
      if (write === 1) written += len;
      if (++slot === size) {
        slot = 0;
        expected ^= STATE;
      }
    } while ((idFlags & (NEXT << 16)) !== 0);
    const id = idFlags & 0xffff;
    if (this.slots[id] !== 0) return false;
    chain.id = id;
    chain.count = count;
    chain.readableBytes = total - written;
    chain.writableBytes = written;
    chain.fast = true;
    this.take(id, count, slot, expected);
    return true;
  }

  /** A table of plain buffers in low RAM behind one INDIRECT descriptor, when all of that is as it should be. */
  private fastTable(): boolean {
    const { descWords: words, fastRam: ram, chain } = this;
    const at = this.nextAvail * DESC_WORDS;
    const low = words[at]!;
    const len = words[at + 2]!;
    const idFlags = words[at + 3]!;
    const id = idFlags & 0xffff;
    if (((idFlags >>> 16) & (NEXT | INDIRECT)) !== INDIRECT || !this.host.indirect || this.slots[id] !== 0)
      return false;
    if (words[at + 1] !== 0 || (low | len) < 0 || len === 0 || low > ram - len) return false;
    if (((low & 3) | (len & 15)) !== 0 || !chain.fillFromTable(low >> 2, len >> 4, this.size)) return false;
    chain.id = id;
    const end = this.nextAvail + 1 === this.size;
    this.take(id, 1, end ? 0 : this.nextAvail + 1, end ? this.available ^ STATE : this.available);
    return true;
  }

  push(id: number, written: number): void {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    const { descWords: words } = this;
    const at = this.nextUsed * DESC_WORDS;
    const flags = this.usedBits | (written > 0 ? WRITE : 0);
    words[at + 2] = written;
    // Until the first of a batch shows as used, the driver looks no further.
    if (this.heldWord < 0) {
      this.heldWord = at + 3;
      this.heldFlags = (flags << 16) | id;
    } else words[at + 3] = (flags << 16) | id;
    this.pass(id);
  }

  pushWithLast(id: number): void {
    this.pass(id);
  }

  /** The next used descriptor goes behind the slots of `id`. */
  private pass(id: number): void {
    this.nextUsed += this.slots[id]!;
    this.slots[id] = 0;
    if (this.nextUsed < this.size) return;
    this.nextUsed -= this.size;
    this.usedBits ^= STATE;
  }

  rewind(count: number): void {
    for (let i = 0; i < count; i++) {
      const slots = this.popped[--this.pops % this.maximum]!;
      this.nextAvail -= slots;
      if (this.nextAvail < 0) {
        this.nextAvail += this.size;
        this.available ^= STATE;
      }
      // A buffer's id stands in its last descriptor.
      const last = (this.nextAvail + slots - 1) % this.size;
      this.slots[this.descWords[last * DESC_WORDS + 3]! & 0xffff] = 0;
    }
  }

  flush(): void {
    if (this.heldWord < 0 || (this.epoch !== this.memory.epoch && !this.relocate())) return;
    this.descWords[this.heldWord] = this.heldFlags;
    this.heldWord = -1;
    const before = this.publishedUsed;
    this.publishedUsed = this.nextUsed;
    this.memory.dirty?.(this.desc, this.desc + this.size * pvirtq_desc.size);
    if (this.wantsInterrupt(before)) this.host.queueInterrupt(this.index);
  }

  checkNotified(nextOff: number): boolean {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return true;
    return isNextOfDriver(this.descWords, this.size, this.nextAvail, this.available === AVAIL, nextOff);
  }

  protected override locate(): boolean {
    const { memory } = this;
    const desc = memory.find(this.desc, this.size * pvirtq_desc.size);
    const driver = memory.find(this.driver, pvirtq_event_suppress.size);
    const device = memory.find(this.device, pvirtq_event_suppress.size);
    if (desc === null || driver === null || device === null) return false;
    const descWord = (this.desc - desc.base) / 4;
    this.descWords = desc.words.subarray(descWord, descWord + this.size * DESC_WORDS);
    this.driverHalves = driver.halves.subarray((this.driver - driver.base) / 2);
    this.deviceHalves = device.halves.subarray((this.device - device.base) / 2);
    return true;
  }

  private take(id: number, slots: number, next: number, expected: number): void {
    this.slots[id] = slots;
    this.popped[this.pops++ % this.maximum] = slots;
    this.nextAvail = next;
    this.available = expected;
  }

  /** The general walk, from the head again: any address, indirect tables, and the reason when a rule is broken. */
  private walk(): boolean {
    const { descWords: words, chain, size } = this;
    chain.begin(0);
    let slot = this.nextAvail;
    let expected = this.available;
    for (let steps = 1; steps <= size; steps++) {
      const at = slot * DESC_WORDS;
      const flags = words[at + 3]! >>> 16;
      if (((flags ^ expected) & STATE) !== 0)
        return this.stop(
          'virtio/PACKED-SG-D6',
          `descriptor ${slot} of a list is not available, though its head is`,
        );
      if ((flags & INDIRECT) !== 0) {
        if (!this.walkIndirect(at, flags, steps)) return false;
      } else if (!this.addChecked(words, at, (flags & WRITE) !== 0, slot, 'virtio/PACKED-SG-D3'))
        return false;
      if (++slot === size) {
        slot = 0;
        expected ^= STATE;
      }
      if ((flags & NEXT) === 0) return this.finish(words[at + 3]! & 0xffff, steps, slot, expected);
    }
    return this.stop(
      'virtio/PACKED-SG-D2',
      `a list from descriptor ${this.nextAvail} is longer than the ring`,
    );
  }

  private finish(id: number, slots: number, next: number, expected: number): boolean {
    if (this.slots[id] !== 0)
      return this.stop('virtio/PACKED-IMP-8', `buffer id ${id} is used while it is outstanding`);
    this.chain.id = id;
    this.take(id, slots, next, expected);
    return true;
  }

  private walkIndirect(at: number, flags: number, steps: number): boolean {
    const { journal } = this.host.board;
    if (!this.host.indirect)
      journal.report(
        'virtio/PACKED-IND-D1',
        this.name,
        'a descriptor has INDIRECT, which was not negotiated',
      );
    if ((flags & NEXT) !== 0 || steps > 1)
      return this.stop('virtio/PACKED-IND-D4', 'an INDIRECT descriptor stands in a list of several');
    const table = this.indirectTable(this.descWords, at);
    if (table === null) return false;
    const { words } = table.range;
    for (let i = 0; i < table.count; i++) {
      const entry = table.word + i * DESC_WORDS;
      const flagged = words[entry + 3]! >>> 16;
      if ((flagged & ~WRITE) !== 0)
        journal.report(
          'virtio/PACKED-IND-D2',
          this.name,
          `entry ${i} of an indirect table has flags ${flagged}`,
        );
      if (!this.addChecked(words, entry, (flagged & WRITE) !== 0, i, 'virtio/PACKED-SG-D3')) return false;
    }
    return true;
  }

  private ranDry(): false {
    if (this.host.eventIdx) {
      this.deviceHalves[0] = this.nextAvail | (this.available === AVAIL ? PVIRTQ_EVENT_WRAP : 0);
      this.deviceHalves[1] = DESC;
    }
    if (!this.dryOnce) {
      this.dryOnce = true;
      const flags = this.driverHalves[1]!;
      meetPackedRules(this.host.board.journal, this.name, flags, this.host.eventIdx);
    }
    return false;
  }

  private wantsInterrupt(before: number): boolean {
    const flags = this.driverHalves[1]! & 3;
    if (flags === ENABLE) return true;
    if (flags === DISABLE) return false;
    const desc = this.driverHalves[0]!;
    return passedEvent(desc, this.usedBits === STATE, before, this.nextUsed, this.size);
  }
}
