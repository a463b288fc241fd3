import type { Gpa } from '../../core/bits.ts';
import {
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../registers.ts';
import { type InOrderRing, type QueueHost, Ring } from './ring.ts';
import { checkAvailFlags, meetRingRules } from './ring-rules.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const DESC_WORDS = virtq_desc.size / 4;

/**
 * The device's end of a split virtqueue (virtio 1.4, Split Virtqueues).
 *
 * Every index, address and length the guest wrote is checked before use. `pop` walks what drivers nearly always
 * offer, buffers in low RAM, and is small enough to be inlined; whatever else it meets, it leaves to `walk`, which
 * starts over and knows every rule.
 */
export class SplitQueue extends Ring implements InOrderRing {
  protected descWords: Int32Array = new Int32Array(0);
  protected availHalves: Uint16Array = new Uint16Array(0);
  protected usedHalves: Uint16Array = new Uint16Array(0);
  /** The used ring's elements. */
  protected usedWords: Int32Array = new Int32Array(0);
  protected nextAvail = 0;
  protected nextUsed = 0;
  protected published = 0;
  private readonly inFlight: Uint16Array;
  private dryOnce = false;

  constructor(index: number, maximum: number, host: QueueHost) {
    super(index, maximum, host);
    this.inFlight = new Uint16Array(maximum);
  }

  /** The areas are aligned to 16, 2 and 4. */
  configure(desc: Gpa, driver: Gpa, device: Gpa): void {
    const { size } = this;
    this.reset();
    this.size = size;
    const { journal } = this.host.board;
    journal.met('virtio/VQ-AVSUP-D1');
    this.place(desc, driver, device);
    const flags = this.epoch < 0 ? 0 : this.usedHalves[0]!;
    if (flags !== 0)
      journal.report(
        'virtio/VQ-AVSUP-D1',
        this.name,
        `used.flags was ${flags} when the ring was handed over`,
      );
  }

  reset(): void {
    this.forget();
    this.nextAvail = this.nextUsed = this.published = 0;
    this.inFlight.fill(0);
    this.dryOnce = false;
  }

  pop(): boolean {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return false;
    const { availHalves, size, nextAvail: next } = this;
    const pending = (availHalves[1]! - next) & 0xffff;
    if (pending === 0 || pending > size) {
      this.noChain(pending);
      return false;
    }
    const head = availHalves[2 + (next & (size - 1))]!;
    const plain = head < size && this.inFlight[head] === 0 && this.fastWalk(this.descWords, 0, size, head);
    if (!plain && !this.walk(head)) return false;
    this.chain.id = head;
    this.inFlight[head] = 1;
    this.nextAvail = (next + 1) & 0xffff;
    return true;
  }

  /** A chain of plain buffers in low RAM, in a table of `entries`; false, with nothing decided, if it is anything else. */
  private fastWalk(words: Int32Array, table: number, entries: number, i: number): boolean {
    const { chain, fastLast: last } = this;
    const { spans } = chain;
    const end = this.size << 1;
    let span = 0;
    let readable = 0;
    let writable = 0;
    for (;;) {
      const at = (table + (i << 2)) | 0;
      const low = words[at]!;
      const high = words[(at + 1) | 0]!;
      const len = words[(at + 2) | 0]!;
      const flags = words[(at + 3) | 0]!;
      // Negative if the buffer is not inside the first 2 GiB of RAM, or empty.
      const top = len - 1;
      const outside = low | len | top | (last - low - top);
      if ((high | (flags & INDIRECT) | (outside >> 31)) !== 0 || span === end) return false;
      if ((flags & WRITE) !== 0) writable += len;
      else if (writable === 0) readable += len;
      else return false;
      spans[span] = low;
      spans[span | 1] = len;
      span += 2;
      if ((flags & NEXT) === 0) break;
      i = flags >>> 16;
      if (i >= entries) return false;
    }
    chain.count = span >> 1;
    chain.readableBytes = readable;
    chain.writableBytes = writable;
    chain.fast = true;
    return true;
  }

  /** The same behind one INDIRECT descriptor, when all of that is as it should be. */
  private fastTable(head: number): boolean {
    const { descWords: words, chain } = this;
    const at = head << 2;
    const low = words[at]!;
    const len = words[at | 2]!;
    const outside = low | len | (len - 1) | (this.fastLast - low - (len - 1));
    if ((words[at | 1]! | (outside >> 31) | (low & 3) | (len & 15)) !== 0) return false;
    if ((words[at | 3]! & (NEXT | INDIRECT)) !== INDIRECT || !this.host.indirect) return false;
    return this.fastWalk(chain.main!.words, low >> 2, len >> 4, 0);
  }

  push(id: number, written: number): void {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    const { usedWords: words, nextUsed } = this;
    const at = (nextUsed & (this.size - 1)) << 1;
    words[at] = id;
    words[at | 1] = written;
    this.nextUsed = (nextUsed + 1) & 0xffff;
    this.inFlight[id] = 0;
  }

  pushWithLast(id: number): void {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    this.nextUsed = (this.nextUsed + 1) & 0xffff;
    this.inFlight[id] = 0;
  }

  rewind(count: number): void {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    for (let i = 0; i < count; i++) {
      this.nextAvail = (this.nextAvail - 1) & 0xffff;
      const head = this.availHalves[2 + (this.nextAvail & (this.size - 1))]!;
      this.inFlight[head] = 0;
    }
  }

  flush(): void {
    if (this.nextUsed === this.published || (this.epoch !== this.memory.epoch && !this.relocate())) return;
    this.usedHalves[1] = this.nextUsed;
    if (this.memory.dirty !== null) this.tellDirty();
    const interrupt = this.wantsInterrupt();
    this.published = this.nextUsed;
    if (interrupt) this.host.queueInterrupt(this.index);
  }

  checkNotified(nextOff: number): boolean {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return true;
    return nextOff === this.availHalves[1];
  }

  /** With IN_ORDER every chain goes the general way, which looks at the order of its descriptors. */
  protected override relocate(): boolean {
    const found = super.relocate();
    if (this.host.inOrder) this.fastLast = -1;
    return found;
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

  /** The general walk, from the head: any address, indirect tables, and the reason when a rule is broken. */
  private walk(head: number): boolean {
    const { size } = this;
    if (head < size && this.inFlight[head] === 0 && this.fastTable(head)) return true;
    if (head >= size) {
      const slot = this.nextAvail & (size - 1);
      return this.stop('virtio/VQ-IMP-3', `avail.ring[${slot}] is ${head}, of ${size}`);
    }
    if (this.inFlight[head] !== 0) {
      const said = `descriptor ${head} was made available while in flight`;
      this.host.board.journal.report('virtio/VQ-IMP-4', this.name, said);
    }
    this.chain.begin();
    return this.walkTable(this.descWords, 0, size, head, false);
  }

  private walkTable(words: Int32Array, table: number, count: number, head: number, nested: boolean): boolean {
    let i = head;
    for (let steps = 0; steps < count; steps++) {
      const at = table + i * DESC_WORDS;
      const flags = words[at + 3]! & 0xffff;
      if ((flags & INDIRECT) !== 0) return this.walkIndirect(words, at, flags, nested);
      if (!this.addChecked(words, at, (flags & WRITE) !== 0, i, 'virtio/VQ-FRAME-D1')) return false;
      if ((flags & NEXT) === 0) return true;
      const next = words[at + 3]! >>> 16;
      if (next >= count)
        return this.stop('virtio/VQ-IMP-3', `next of descriptor ${i} is ${next}, of ${count}`);
      if (this.host.inOrder) this.checkOrder(i, next, count, nested);
      i = next;
    }
    return this.stop('virtio/VQ-DESC-D1', `the chain from descriptor ${head} does not end`);
  }

  private checkOrder(i: number, next: number, count: number, nested: boolean): void {
    const { journal } = this.host.board;
    const clause = nested ? 'virtio/VQ-IND-D5' : 'virtio/VQ-DESC-D2';
    journal.met(clause);
    if (next !== (i + 1) % count) journal.report(clause, this.name, `next of descriptor ${i} is ${next}`);
  }

  private walkIndirect(words: Int32Array, at: number, flags: number, nested: boolean): boolean {
    const { journal } = this.host.board;
    if (nested) return this.stop('virtio/VQ-IND-D2', 'an indirect table holds a descriptor with INDIRECT');
    // A lenient device follows the table all the same.
    if (!this.host.indirect)
      journal.report('virtio/VQ-IND-D1', this.name, 'a descriptor has INDIRECT, which was not negotiated');
    if ((flags & NEXT) !== 0)
      journal.report('virtio/VQ-IND-D4', this.name, 'a descriptor has both INDIRECT and NEXT');
    const table = this.indirectTable(words, at);
    return table !== null && this.walkTable(table.words, table.word, table.count, 0, true);
  }

  private noChain(pending: number): void {
    if (pending !== 0) this.stopAhead(pending);
    else {
      if (this.host.eventIdx) this.askForKick();
      if (!this.dryOnce || this.availHalves[0]! > 1) this.ranDry();
    }
  }

  /** The driver is to kick when it moves avail.idx past here. */
  private askForKick(): void {
    this.usedHalves[2 + this.size * 4] = this.nextAvail;
    const at = this.writtenAt + this.writtenBytes;
    this.memory.dirty?.(at, at + 2);
  }

  private stopAhead(pending: number): void {
    const idx = this.availHalves[1]!;
    const said = `avail.idx is ${idx}, ${pending} ahead of ${this.nextAvail}, in a ring of ${this.size}`;
    this.stop('virtio/VQ-AVAIL-D1', said);
  }

  private ranDry(): void {
    const { eventIdx, board } = this.host;
    if (!this.dryOnce) meetRingRules(board.journal);
    checkAvailFlags(board.journal, this.name, this.availHalves[0]!, eventIdx);
    this.dryOnce = true;
  }

  private wantsInterrupt(): boolean {
    if (this.host.eventIdx) return this.passedEvent();
    if ((this.availHalves[0]! & VIRTQ_AVAIL_F_NO_INTERRUPT) === 0) return true;
    return this.host.notifyOnEmpty && this.availHalves[1] === this.nextAvail;
  }

  private passedEvent(): boolean {
    const { nextUsed, published } = this;
    const event = this.availHalves[2 + this.size]!;
    return ((nextUsed - event - 1) & 0xffff) < ((nextUsed - published) & 0xffff);
  }
}
