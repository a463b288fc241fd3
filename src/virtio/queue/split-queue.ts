import type { Gpa } from '../../core/bits.ts';
import type { RamRange } from '../../core/memory.ts';
import { VIRTQ_AVAIL_F_NO_INTERRUPT, VIRTQ_DESC_F } from '../registers.ts';
import type { Batch } from './batch/batch.ts';
import { BatchRing } from './batch/batch-ring.ts';
import type { InOrderRing } from './ring.ts';
import { SplitRing, UNKNOWN_FLAGS } from './split-ring.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
/** A constant of this file costs nothing, an imported one a load. */
const UNKNOWN = UNKNOWN_FLAGS;
const WORD = 4;
/** Fewer chains are taken one by one: a call into WebAssembly costs as much as two of them. */
const BATCH_LEAST = 3;

/**
 * The device's end of a split virtqueue (virtio 1.4, Split Virtqueues).
 *
 * Every index, address and length from the guest is checked before use. `pop` walks what drivers nearly always offer,
 * buffers in low RAM, and is small enough to be inlined; anything else it leaves to `walk`, which starts over and
 * detects every fault.
 */
export class SplitQueue extends SplitRing implements InOrderRing {
  protected nextUsed = 0;
  protected published = 0;
  private batches: BatchRing | null = null;
  private isPlaced = false;

  /** The areas are aligned to 16, 2 and 4. */
  configure(desc: Gpa, driver: Gpa, device: Gpa): void {
    const { size, maximum } = this;
    this.reset();
    this.size = size;
    if (this.inFlight.length === 0) this.inFlight = new Uint16Array(maximum);
    this.place(desc, driver, device);
    this.isNew = this.epoch >= 0;
    if (!this.host.manners?.kickDecoys || !this.isNew) return;
    this.lookAtFlags();
    this.placeDecoy();
  }

  reset(): void {
    this.forget();
    this.nextAvail = this.nextUsed = this.published = 0;
    if (this.batches !== null) {
      this.batches.forget();
      this.inFlight = this.batches.inFlight();
    }
    this.inFlight.fill(0);
  }

  pop(): boolean {
    return this.shortEpoch === this.memory.epoch ? this.takeNext() : this.popOther();
  }

  /** For a watched ring, or if RAM may have moved. */
  private popOther(): boolean {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return false;
    if (this.isNew) this.lookAtFlags();
    if (!this.takeNext()) return false;
    if (this.events !== null) this.tellTaken();
    return true;
  }

  protected takeNext(): boolean {
    const { availHalves, inFlight, size, nextAvail: next } = this;
    const pending = (availHalves[1]! - next) & 0xffff;
    if (pending === 0 || pending > size) return this.noChain(pending);
    const head = availHalves[2 + (next & (size - 1))]!;
    const plain = head < size && inFlight[head] === 0 && this.fastWalk(this.descWords, 0, size, head);
    if (!plain && !this.walkOther(head)) return false;
    this.chain.id = head;
    inFlight[head] = 1;
    this.nextAvail = (next + 1) & 0xffff;
    return true;
  }

  override deliver(header: Int32Array, headerBytes: number, body: Uint8Array): boolean {
    const { availHalves, descWords, inFlight, memory, nextAvail, size } = this;
    if (this.shortEpoch !== memory.epoch) return false;
    const pending = (availHalves[1]! - nextAvail) & 0xffff;
    const head = availHalves[2 + (nextAvail & (size - 1))]!;
    if (pending === 0 || pending > size || head >= size || inFlight[head] !== 0) return false;
    const at = head << 2;
    const low = descWords[at]!;
    const len = descWords[at | 2]!;
    const bytes = headerBytes + body.length;
    const room = this.fastLast - low;
    // The header is copied in words, the last of which may reach into the body.
    const outside = low | len | (len - bytes) | (body.length - WORD) | room | (room - len);
    const other = (low & 3) | ((descWords[at | 3]! & 0xffff) ^ WRITE);
    if ((descWords[at | 1]! | other | (outside >> 31)) !== 0) return false;
    this.nextAvail = (nextAvail + 1) & 0xffff;
    this.chain.main!.fill(low, header, headerBytes, body);
    this.push(head, bytes);
    return true;
  }

  override take(batch: Batch): number {
    const { availHalves, nextAvail, size } = this;
    const pending = (availHalves[1]! - nextAvail) & 0xffff;
    if (this.shortEpoch !== this.memory.epoch || pending < BATCH_LEAST || pending > size) return 0;
    const { main } = this.chain;
    if (main === null || batch.kernelOf(main.store) === null) return 0;
    if (!this.isPlaced && !this.placeForBatches(main)) return 0;
    const taken = this.batches!.take(batch, nextAvail, pending);
    this.nextAvail = (nextAvail + taken) & 0xffff;
    return taken;
  }

  override give(batch: Batch): void {
    const { memory, nextUsed } = this;
    const short = this.shortEpoch === memory.epoch && this.isPlaced;
    if (!short || !this.batches!.give(batch, nextUsed)) super.give(batch);
    else this.nextUsed = (nextUsed + batch.count) & 0xffff;
    batch.count = 0;
  }

  /** False if batches are not possible. */
  private placeForBatches(main: RamRange): boolean {
    const { descWords: desc, availHalves: avail, usedWords: used, size, fastLast: last, host } = this;
    this.batches ??= new BatchRing(this.memory, this.inFlight);
    this.inFlight = this.batches.inFlight();
    this.isPlaced = this.batches.place({
      main,
      desc,
      avail,
      used,
      size,
      last,
      indirect: host.indirect,
    });
    return this.isPlaced;
  }

  /** A chain of plain buffers in low RAM, in a table of `entries`; false, with nothing decided, if it has anything else. */
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
      const room = last - low;
      const outside = low | len | top | room | (room - top);
      if ((high | (flags & (INDIRECT | UNKNOWN)) | (outside >> 31)) !== 0 || span === end) return false;
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

  /** The cases that `fastWalk` left: a table, or anything else. */
  private walkOther(head: number): boolean {
    return (head < this.size && this.inFlight[head] === 0 && this.fastTable(head)) || this.walk(head);
  }

  /** The same after one INDIRECT descriptor, if all of that is regular. */
  private fastTable(head: number): boolean {
    const { descWords: words, chain } = this;
    const at = head << 2;
    const low = words[at]!;
    const len = words[at | 2]!;
    const room = this.fastLast - low;
    const outside = low | len | (len - 1) | room | (room - (len - 1));
    if ((words[at | 1]! | (outside >> 31) | (low & 3) | (len & 15)) !== 0) return false;
    if ((words[at | 3]! & (NEXT | INDIRECT | UNKNOWN)) !== INDIRECT || !this.host.indirect) return false;
    if (!this.fastWalk(chain.main!.words, low >> 2, len >> 4, 0)) return false;
    this.indirect = true;
    return true;
  }

  push(id: number, written: number): void {
    if (this.shortEpoch !== this.memory.epoch && !this.pushOther(id, written)) return;
    const { usedWords: words, nextUsed } = this;
    const at = (nextUsed & (this.size - 1)) << 1;
    words[at] = id;
    words[at | 1] = written;
    this.nextUsed = (nextUsed + 1) & 0xffff;
    this.inFlight[id] = 0;
  }

  /** Reports it, after finding RAM again; false if there is no ring. */
  private pushOther(id: number, written: number): boolean {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return false;
    this.tellUsed(id, written);
    return true;
  }

  pushWithLast(id: number, written: number): void {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    this.nextUsed = (this.nextUsed + 1) & 0xffff;
    this.inFlight[id] = 0;
    this.tellUsed(id, written);
  }

  rewind(count: number): void {
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    for (let i = 0; i < count; i++) {
      this.nextAvail = (this.nextAvail - 1) & 0xffff;
      const head = this.availHalves[2 + (this.nextAvail & (this.size - 1))]!;
      this.inFlight[head] = 0;
    }
    this.events?.putBack(this.index, count);
  }

  get isPublished(): boolean {
    return this.nextUsed === this.published;
  }

  flush(): void {
    const { memory, nextUsed } = this;
    if (nextUsed === this.published) return;
    if (this.shortEpoch === memory.epoch) this.usedHalves[1] = nextUsed;
    else if (!this.flushOther()) return;
    const interrupt = this.wantsInterrupt();
    this.published = nextUsed;
    if (interrupt) this.host.queueInterrupt(this.index);
  }

  /** Publishes where RAM is now, reports it, and orders it for other CPUs; false if there is no ring, or not yet. */
  private flushOther(): boolean {
    const { memory } = this;
    if (this.epoch !== memory.epoch && !this.relocate()) return false;
    if (memory.delay?.holds(this)) return false;
    this.usedHalves[1] = this.nextUsed;
    this.tellPublished();
    memory.fence();
    return true;
  }

  /** With IN_ORDER every chain goes the general way, which checks the order of its descriptors. */
  protected override relocate(): boolean {
    const found = super.relocate();
    if (this.host.inOrder) this.fastLast = -1;
    this.isPlaced = false;
    if (this.batches !== null) this.inFlight = this.batches.inFlight();
    return found;
  }

  private noChain(pending: number): boolean {
    if (this.shortEpoch !== this.memory.epoch || pending !== 0) return this.noChainOther(pending);
    if (this.host.eventIdx) this.askForKick();
    return false;
  }

  /** Enables kicks. Chains made available before that come without a kick, so they are still taken. */
  private noChainOther(pending: number): boolean {
    if (pending !== 0) return this.stop('index ahead', this.nextAvail, this.availHalves[1]!, this.size);
    if (this.events !== null) this.tellDry();
    this.rest();
    this.memory.fence();
    if (this.wentOn()) return this.takeNext();
    if (this.host.manners?.kickDecoys) this.placeDecoy();
    return false;
  }

  /** Whether the driver has made something available since. */
  protected wentOn(): boolean {
    return this.availHalves[1] !== this.nextAvail;
  }

  protected wantsInterrupt(): boolean {
    if (this.host.eventIdx) return this.passedEvent();
    if ((this.availHalves[0]! & VIRTQ_AVAIL_F_NO_INTERRUPT) === 0) return true;
    return this.host.notifyOnEmpty && this.availHalves[1] === this.nextAvail;
  }

  private tellDry(): void {
    this.events!.dry(this.index, this.availHalves[0]!, this.nextAvail);
  }

  private passedEvent(): boolean {
    const { nextUsed, published } = this;
    const event = this.availHalves[2 + this.size]!;
    return ((nextUsed - event - 1) & 0xffff) < ((nextUsed - published) & 0xffff);
  }
}
