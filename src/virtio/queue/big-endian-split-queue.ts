import { swap16, swap32 } from '../../core/bits.ts';
import type { Endian } from '../../core/struct.ts';
import { VIRTQ_DESC_F } from '../registers.ts';
import type { RingFault } from './events.ts';
import { SplitQueue } from './split-queue.ts';

const { NEXT, INDIRECT } = VIRTQ_DESC_F;

/** Copy of an indirect table: its entries are read one by one, into one place. */
const ENTRY = -1;

/** One descriptor, its four words in the other byte order. */
function swapDescriptor(from: Int32Array, word: number, to: Int32Array, at: number): void {
  to[at] = swap32(from[word + 1]!);
  to[at + 1] = swap32(from[word]!);
  to[at + 2] = swap32(from[word + 2]!);
  // Flags and next: two halves, each swapped where it stands.
  const halves = swap32(from[word + 3]!);
  to[at + 3] = (halves << 16) | (halves >>> 16);
}

/**
 * The device's end of a split virtqueue whose guest is big-endian (virtio 1.4, Legacy Interfaces: A Note on Virtqueue
 * Endianness).
 *
 * It keeps a little-endian copy of the relevant parts of the ring for the plain queue to work on: input of `pop` is
 * copied before it looks, output of `push` and `flush` is copied out. So every check is the plain queue's.
 */
export class BigEndianSplitQueue extends SplitQueue {
  private ramDesc: Int32Array = new Int32Array(0);
  private ramAvail: Uint16Array = new Uint16Array(0);
  private ramUsed: Uint16Array = new Uint16Array(0);
  private ramElements: Int32Array = new Int32Array(0);
  /** The indirect table being walked, and its current entry. */
  private ramTable: Int32Array = new Int32Array(0);
  private ramTableWord = 0;
  private readonly entry = new Int32Array(4);

  protected override takeNext(): boolean {
    this.copyIndexes();
    const slot = 2 + (this.nextAvail & (this.size - 1));
    this.availHalves[slot] = swap16(this.ramAvail[slot]!);
    this.copyChain(this.availHalves[slot]!);
    return super.takeNext();
  }

  override push(id: number, written: number): void {
    const at = (this.nextUsed & (this.size - 1)) * 2;
    super.push(id, written);
    this.ramElements[at] = swap32(id);
    this.ramElements[at + 1] = swap32(written);
  }

  override flush(): void {
    if (this.nextUsed === this.published) return;
    if (this.epoch !== this.memory.epoch && !this.relocate()) return;
    if (this.memory.delay?.holds(this)) return;
    this.ramUsed[1] = swap16(this.nextUsed);
    super.flush();
  }

  protected override wantsInterrupt(): boolean {
    this.copyIndexes();
    return super.wantsInterrupt();
  }

  protected override wentOn(): boolean {
    this.copyIndexes();
    return super.wentOn();
  }

  protected override locate(): boolean {
    const { descWords, availHalves, usedHalves, usedWords, size } = this;
    if (!super.locate()) return false;
    this.ramDesc = this.descWords;
    this.ramAvail = this.availHalves;
    this.ramUsed = this.usedHalves;
    this.ramElements = this.usedWords;
    const fits = descWords.length === size * 4;
    const used = new ArrayBuffer(8 + size * 8);
    this.descWords = fits ? descWords : new Int32Array(size * 4);
    this.availHalves = fits ? availHalves : new Uint16Array(3 + size);
    this.usedHalves = fits ? usedHalves : new Uint16Array(used);
    this.usedWords = fits ? usedWords : new Int32Array(used, 4);
    this.usedHalves[0] = swap16(this.ramUsed[0]!);
    return true;
  }

  protected override get driverUsedFlags(): number {
    return swap16(this.ramUsed[0]!);
  }

  protected override setHint(half: number, value: number): void {
    super.setHint(half, value);
    this.ramUsed[half] = swap16(value);
  }

  /** The fast walk reads tables and buffers directly in RAM, so it cannot be used for these rings. */
  protected override relocate(): boolean {
    const found = super.relocate();
    this.fastLast = -1;
    return found;
  }

  protected override indirectTable(
    words: Int32Array,
    at: number,
  ): { words: Int32Array; word: number; count: number } | null {
    const table = super.indirectTable(words, at);
    if (table === null) return null;
    this.ramTable = table.words;
    this.ramTableWord = table.word;
    return { words: this.entry, word: ENTRY, count: table.count };
  }

  /** A table may be as long as RAM, and its chain short: entries are copied when the walk reaches them. */
  protected override entryAt(table: number, i: number): number {
    if (table !== ENTRY) return super.entryAt(table, i);
    swapDescriptor(this.ramTable, this.ramTableWord + i * 4, this.entry, 0);
    return 0;
  }

  private copyIndexes(): void {
    const { availHalves, ramAvail, size } = this;
    availHalves[0] = swap16(ramAvail[0]!);
    availHalves[1] = swap16(ramAvail[1]!);
    availHalves[2 + size] = swap16(ramAvail[2 + size]!);
  }

  /** The chain from `head`, up to the number of the table's entries. */
  private copyChain(head: number): void {
    let i = head;
    for (let steps = 0; steps < this.size && i < this.size; steps++) {
      swapDescriptor(this.ramDesc, i * 4, this.descWords, i * 4);
      const word = this.descWords[i * 4 + 3]!;
      if ((word & NEXT) === 0 || (word & INDIRECT) !== 0) return;
      i = word >>> 16;
    }
  }

  /** For any fault: reports the other byte order if the index makes more sense in it. */
  protected override stop(fault: RingFault, slot = 0, value = 0, other = 0): false {
    if (this.epoch < 0) return super.stop(fault, slot, value, other);
    const [read, swapped] = [this.availHalves[1]!, this.ramAvail[1]!];
    const pending = (swapped - this.nextAvail) & 0xffff;
    const better = pending !== 0 && pending <= this.size && pending < ((read - this.nextAvail) & 0xffff);
    return better ? super.stop('index swapped', 0, swapped, read) : super.stop(fault, slot, value, other);
  }

  protected override get endian(): Endian {
    return 'be';
  }
}
