import type { Gpa } from '../../core/bits.ts';
import { PVIRTQ_DESC_F, PVIRTQ_EVENT, PVIRTQ_EVENT_WRAP, pvirtq_event_suppress } from '../registers.ts';
import { passedEvent } from './packed-event.ts';
import { AVAIL_WORD, PackedRing, STATE_WORD, UNKNOWN_WORD } from './packed-ring.ts';
import type { InOrderRing } from './ring.ts';

const { NEXT, WRITE, INDIRECT } = PVIRTQ_DESC_F;
const { ENABLE, DISABLE, DESC } = PVIRTQ_EVENT;
/** Flags in a descriptor's last word, above its id. */
const NEXT_WORD = NEXT << 16;
const WRITE_WORD = WRITE << 16;
const INDIRECT_WORD = INDIRECT << 16;
/** A constant of this file costs nothing, an imported one a load. */
const STATE = STATE_WORD;
const FAST_MASK = STATE | INDIRECT_WORD | UNKNOWN_WORD;

/**
 * The device's end of a packed virtqueue (virtio 1.4, Packed Virtqueues): one ring in which a descriptor is made
 * available and marked used in place, distinguished by two wrap counters.
 *
 * Conditions of the short way are numbers, and what is rare is a call: with comparisons its bytecode would exceed what
 * the engine inlines into one loop.
 */
export class PackedQueue extends PackedRing implements InOrderRing {
  private nextUsed = 0;
  /** AVAIL and USED bits of a used descriptor: the device's wrap counter. */
  private usedBits: number = STATE;
  /** Word of the first used descriptor that is not published, 0 for none: its flags are written last, by `flush`. */
  private heldWord = 0;
  private heldFlags = 0;
  private publishedUsed = 0;

  configure(desc: Gpa, driver: Gpa, device: Gpa): void {
    const { size } = this;
    this.reset();
    this.size = size;
    if (desc % 16 !== 0 || driver % 4 !== 0 || device % 4 !== 0) {
      this.configured = true;
      this.tellPlaced(desc, driver, device);
      this.stop('ring unaligned', 0, desc);
      return;
    }
    this.place(desc, driver, device);
    if (this.host.manners?.kickDecoys && this.epoch >= 0) this.placeDecoy();
  }

  reset(): void {
    this.forget();
    this.nextUsed = this.publishedUsed = 0;
    this.usedBits = STATE;
    this.heldWord = 0;
  }

  /** Compared, the result of a call is a boolean to the engine. Otherwise the caller's loop converts it each time. */
  pop(): boolean {
    const isShort = this.shortEpoch === this.memory.epoch;
    return (isShort ? this.takeNext() : this.popOther()) === true;
  }

  /** For a watched ring, or if RAM may have moved. */
  private popOther(): boolean {
    if ((this.openEpoch !== this.memory.epoch && !this.reopen()) || !this.takeNext()) return false;
    if (this.events !== null) this.tellTaken();
    return true;
  }

  /** Looks at the flags alone first: a walk in vain would double the time of finding a table, or nothing. */
  private takeNext(): boolean {
    const other = (this.descWords[(this.nextAvail << 2) | 3]! ^ this.available) & FAST_MASK;
    return other === 0 ? this.fastWalk() || this.walk() : this.takeOther(other);
  }

  /** A list of plain buffers in low RAM; false, with nothing decided, if it has anything else. */
  private fastWalk(): boolean {
    const { chain, descWords: words, fastLast: last, size, slots } = this;
    const { spans } = chain;
    const end = size << 1;
    let slot = this.nextAvail;
    let expected = this.available;
    let span = 0;
    let readable = 0;
    let writable = 0;
    let idFlags = 0;
    do {
      const at = slot << 2;
      idFlags = words[at | 3]!;
      const low = words[at]!;
      const high = words[at | 1]!;
      const len = words[at | 2]!;
      // Negative if the buffer is not inside the first 2 GiB of RAM, or empty.
      const top = len - 1;
      const room = last - low;
      const outside = low | len | top | room | (room - top);
      if (high | ((idFlags ^ expected) & FAST_MASK) | (outside >> 31) || span === end) return false;
      if (idFlags & WRITE_WORD) writable += len;
      else if (writable) return false;
      else readable += len;
      spans[span] = low;
      spans[span | 1] = len;
      span += 2;
      if (++slot === size) {
        slot = 0;
        expected ^= STATE;
      }
    } while (idFlags & NEXT_WORD);
    const id = (idFlags << 16) >>> 16;
    if (slots[id]) return false;
    chain.id = id;
    chain.count = slots[id] = span >> 1;
    chain.readableBytes = readable;
    chain.writableBytes = writable;
    chain.fast = true;
    this.nextAvail = slot;
    this.available = expected;
    return true;
  }

  /** The cases beside a list: nothing available, a table, or flags that mean nothing. */
  private takeOther(other: number): boolean {
    return other & STATE ? this.noList() : this.fastTable() || this.walk();
  }

  private noList(): boolean {
    if (this.shortEpoch !== this.memory.epoch) return this.noListOther();
    if (this.host.eventIdx) this.askForKick();
    return false;
  }

  /** Enables kicks. Chains made available before that come without a kick, so they are still taken. */
  private noListOther(): boolean {
    if (this.events !== null) this.tellDry();
    this.rest();
    this.memory.fence();
    if (this.isAvailable) return this.takeNext();
    if (this.host.manners?.kickDecoys && !this.host.eventIdx) this.placeDecoy();
    return false;
  }

  private get isAvailable(): boolean {
    return ((this.descWords[(this.nextAvail << 2) | 3]! ^ this.available) & STATE) === 0;
  }

  rest(): void {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return;
    if (this.host.eventIdx) this.askForKick();
    else if (this.hushed) this.setHint(this.deviceHalves[0]!, ENABLE);
    this.hushed = false;
    this.chooseWay();
  }

  private tellDry(): void {
    this.events!.dry(this.index, this.driverHalves[1]!, this.position);
  }

  /** Its position, with the driver's wrap counter there. */
  private get position(): number {
    return this.nextAvail | (this.available === AVAIL_WORD ? PVIRTQ_EVENT_WRAP : 0);
  }

  hush(): void {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return;
    this.hushed = true;
    this.chooseWay();
    this.setHint(this.deviceHalves[0]!, DISABLE);
  }

  /** The driver is to kick when it makes the next descriptor available. */
  private askForKick(): void {
    this.setHint(this.position, DESC);
  }

  /** Without EVENT_IDX the descriptor is ignored: it is the one that the driver passed longest ago. */
  private placeDecoy(): void {
    this.setHint(this.position ^ PVIRTQ_EVENT_WRAP, ENABLE);
  }

  private setHint(desc: number, flags: number): void {
    this.deviceHalves[0] = desc;
    this.deviceHalves[1] = flags;
    this.memory.dirty?.(this.device, this.device + pvirtq_event_suppress.size, false);
  }

  /** A table of plain buffers in low RAM after one INDIRECT descriptor, if all of that is regular. */
  private fastTable(): boolean {
    const { descWords: words, fastLast: last, chain } = this;
    const at = this.nextAvail << 2;
    const low = words[at]!;
    const len = words[at | 2]!;
    const idFlags = words[at | 3]!;
    const id = idFlags & 0xffff;
    const room = last - low;
    const outside = low | len | (len - 1) | room | (room - (len - 1));
    if ((words[at | 1]! | (outside >> 31) | (low & 3) | (len & 15)) !== 0) return false;
    if ((idFlags & (NEXT_WORD | INDIRECT_WORD)) !== INDIRECT_WORD || !this.host.indirect) return false;
    if (this.slots[id] !== 0 || !chain.fillFromTable(low >> 2, len >> 4, this.size, last)) return false;
    chain.id = id;
    this.indirect = true;
    const end = this.nextAvail + 1 === this.size;
    this.advance(id, 1, end ? 0 : this.nextAvail + 1, end ? this.available ^ STATE : this.available);
    return true;
  }

  push(id: number, written: number): void {
    if (this.shortEpoch !== this.memory.epoch && !this.pushOther(id, written)) return;
    const { descWords: words, nextUsed, slots } = this;
    const at = nextUsed << 2;
    const idFlags = this.usedBits | id | (written && WRITE_WORD);
    words[at | 2] = written;
    // The driver looks no further until the first of a batch is marked used.
    if (this.heldWord) words[at | 3] = idFlags;
    else {
      this.heldWord = at | 3;
      this.heldFlags = idFlags;
    }
    const next = nextUsed + slots[id]!;
    slots[id] = 0;
    if (next < this.size) this.nextUsed = next;
    else this.wrapUsed(next);
  }

  /** Reports it, after finding RAM again; false if there is no ring. */
  private pushOther(id: number, written: number): boolean {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return false;
    this.tellUsed(id, written);
    return true;
  }

  pushWithLast(id: number, written: number): void {
    const next = this.nextUsed + this.slots[id]!;
    this.slots[id] = 0;
    if (next < this.size) this.nextUsed = next;
    else this.wrapUsed(next);
    this.tellUsed(id, written);
  }

  private wrapUsed(next: number): void {
    this.nextUsed = next - this.size;
    this.usedBits ^= STATE;
  }

  /** A buffer's id is in its last descriptor, which is not overwritten before it is used. */
  rewind(count: number): void {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    for (let i = 0; i < count; i++) {
      const last = (this.nextAvail || this.size) - 1;
      const id = this.descWords[(last << 2) | 3]! & 0xffff;
      this.nextAvail -= this.slots[id]!;
      this.slots[id] = 0;
      if (this.nextAvail >= 0) continue;
      this.nextAvail += this.size;
      this.available ^= STATE;
    }
    this.events?.putBack(this.index, count);
  }

  get isPublished(): boolean {
    return this.heldWord === 0;
  }

  flush(): void {
    const { heldWord } = this;
    if (!heldWord) return;
    if (this.shortEpoch === this.memory.epoch) this.descWords[heldWord] = this.heldFlags;
    else if (!this.flushOther()) return;
    this.heldWord = 0;
    const interrupt = this.wantsInterrupt();
    this.publishedUsed = this.nextUsed;
    if (interrupt) this.host.queueInterrupt(this.index);
  }

  /** Publishes where RAM is now, reports it, and orders it for other CPUs; false if there is no ring, or not yet. */
  private flushOther(): boolean {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return false;
    if (this.memory.delay?.holds(this)) return false;
    this.descWords[this.heldWord] = this.heldFlags;
    this.tellPublished();
    this.memory.fence();
    return true;
  }

  get suppressed(): boolean {
    return (this.driverHalves[1]! & 3) === DISABLE;
  }

  private wantsInterrupt(): boolean {
    const flags = this.driverHalves[1]! & 3;
    if (flags === DISABLE) return false;
    return flags === ENABLE || this.passedEvent();
  }

  private passedEvent(): boolean {
    const desc = this.driverHalves[0]!;
    return passedEvent(desc, this.usedBits === STATE, this.publishedUsed, this.nextUsed, this.size);
  }
}
