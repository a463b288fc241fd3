import type { Gpa } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import type { ClauseId } from '../core/clause.ts';
import type { RamRange } from '../core/memory.ts';
import { ChainCursor } from './chain.ts';
import {
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from './registers.ts';
import { meetRingRules } from './ring-rules.ts';
import type { Virtqueue } from './virtqueue.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const DESC_WORDS = virtq_desc.size / 4;

/** What the queue tells its transport and learns from the negotiation. */
export interface QueueHost {
  readonly board: Board;
  /** `net0, transmit queue 1` */
  queueName(index: number): string;
  queueInterrupt(index: number): void;
  readonly eventIdx: boolean;
  readonly indirect: boolean;
  readonly notifyOnEmpty: boolean;
}

/**
 * The device's end of a split virtqueue (virtio 1.4, Split Virtqueues).
 *
 * Every index, address and length the guest wrote is checked before use. A ring that breaks a rule stops, as
 * QEMU's does, until the device is reset: going on would mean guessing what the guest meant.
 */
export class SplitQueue implements Virtqueue {
  readonly index: number;
  readonly size: number;
  readonly chain: ChainCursor;
  private readonly host: QueueHost;
  private desc: Gpa = 0;
  private avail: Gpa = 0;
  private used: Gpa = 0;
  private configured = false;
  private broken = false;
  private epoch = -1;
  private ring: RamRange | null = null;
  /** Where the three parts begin in the typed arrays of the range that holds them. */
  private descWord = 0;
  private availHalf = 0;
  private usedHalf = 0;
  private nextAvail = 0;
  private nextUsed = 0;
  private published = 0;
  private readonly inFlight: Uint8Array;
  private flagsSeen = false;

  constructor(index: number, size: number, host: QueueHost) {
    this.index = index;
    this.size = size;
    this.host = host;
    this.chain = new ChainCursor(size);
    this.inFlight = new Uint8Array(size);
  }

  /** The guest gave the ring its memory. The three parts lie in one range of RAM, aligned to 16, 2 and 4. */
  configure(desc: Gpa, avail: Gpa, used: Gpa): void {
    this.reset();
    this.desc = desc;
    this.avail = avail;
    this.used = used;
    this.configured = true;
    this.locate();
    const { journal } = this.host.board;
    journal.met('virtio/RFEAT-D4');
    journal.met('virtio/VQ-AVSUP-D1');
    if (this.ring === null)
      this.stop('virtio/RFEAT-D4', `the ring at ${desc.toString(16)} does not lie in RAM`);
    else if (this.ring.halves[this.usedHalf] !== 0)
      journal.report(
        'virtio/VQ-AVSUP-D1',
        this.name,
        `used.flags was ${this.ring.halves[this.usedHalf]} when the ring was handed over`,
      );
  }

  reset(): void {
    this.configured = false;
    this.broken = false;
    this.ring = null;
    this.epoch = -1;
    this.nextAvail = this.nextUsed = this.published = 0;
    this.inFlight.fill(0);
    this.flagsSeen = false;
  }

  get ready(): boolean {
    return this.configured && !this.broken;
  }

  /** Guest address of the descriptor table; 0 while not configured. */
  get address(): Gpa {
    return this.configured ? this.desc : 0;
  }

  pop(): boolean {
    if (this.broken || !this.configured) return false;
    if (!this.current()) return false;
    const { halves, words } = this.ring!;
    const idx = halves[this.availHalf + 1]!;
    const pending = (idx - this.nextAvail) & 0xffff;
    if (pending === 0) return this.ranDry(halves);
    if (pending > this.size) return this.badIdx(idx, pending);
    const head = halves[this.availHalf + 2 + (this.nextAvail & (this.size - 1))]!;
    if (head >= this.size) return this.badHead(head);
    if (this.inFlight[head] === 1) this.reused(head);
    this.inFlight[head] = 1;
    this.nextAvail = (this.nextAvail + 1) & 0xffff;
    this.chain.begin(head);
    return this.walk(words, this.descWord, this.size, head, false);
  }

  push(id: number, written: number): void {
    if (!this.current()) return;
    const { words } = this.ring!;
    const at = ((this.usedHalf + 2) >> 1) + (this.nextUsed & (this.size - 1)) * 2;
    words[at] = id;
    words[at + 1] = written;
    this.nextUsed = (this.nextUsed + 1) & 0xffff;
    this.inFlight[id] = 0;
  }

  rewind(count: number): void {
    if (!this.current()) return;
    for (let i = 0; i < count; i++) {
      this.nextAvail = (this.nextAvail - 1) & 0xffff;
      this.inFlight[this.ring!.halves[this.availHalf + 2 + (this.nextAvail & (this.size - 1))]!] = 0;
    }
  }

  flush(): void {
    if (this.nextUsed === this.published || !this.current()) return;
    const { halves } = this.ring!;
    const before = this.published;
    this.published = this.nextUsed;
    halves[this.usedHalf + 1] = this.nextUsed;
    const { memory } = this.host.board;
    if (memory.dirty !== null)
      memory.dirty(this.used, this.used + virtq_used.size + this.size * virtq_used_elem.size);
    if (this.wantsInterrupt(halves, before)) this.host.queueInterrupt(this.index);
  }

  private get name(): string {
    return this.host.queueName(this.index);
  }

  /** The ring still lies where it was found, or was found again. */
  private current(): boolean {
    return this.epoch === this.host.board.memory.epoch ? this.ring !== null : this.locate();
  }

  /** Finds the ring in RAM again after its ranges changed. */
  private locate(): boolean {
    const { memory } = this.host.board;
    this.epoch = memory.epoch;
    const end = this.used + virtq_used.size + this.size * virtq_used_elem.size + 2;
    const ring = memory.find(
      this.desc,
      Math.max(end, this.avail + virtq_avail.size + this.size * 2 + 2) - this.desc,
    );
    this.ring = ring;
    if (ring === null) return false;
    this.descWord = (this.desc - ring.base) / 4;
    this.availHalf = (this.avail - ring.base) / 2;
    this.usedHalf = (this.used - ring.base) / 2;
    return true;
  }

  /** Follows a chain through `count` descriptors from word `table`, into the cursor. */
  private walk(words: Int32Array, table: number, count: number, head: number, nested: boolean): boolean {
    const { chain } = this;
    const { memory } = this.host.board;
    let i = head;
    for (let steps = 0; steps < count; steps++) {
      const at = table + i * DESC_WORDS;
      const flags = words[at + 3]! & 0xffff;
      if ((flags & INDIRECT) !== 0) return this.walkIndirect(words, at, flags, nested);
      const length = words[at + 2]! >>> 0;
      const address = (words[at + 1]! >>> 0) * 0x1_0000_0000 + (words[at]! >>> 0);
      const range = memory.find(address, length);
      const write = (flags & WRITE) !== 0;
      if (range === null || length === 0 || chain.count === this.size || (!write && chain.writableBytes > 0))
        return this.badDescriptor(i, address, length, write);
      chain.add(range, address, length, write);
      if ((flags & NEXT) === 0) return true;
      i = words[at + 3]! >>> 16;
      if (i >= count)
        return this.stop(
          'virtio/VQ-IMP-3',
          `next of descriptor ${(at - table) / DESC_WORDS} is ${i}, of ${count}`,
        );
    }
    return this.stop('virtio/VQ-DESC-D1', `the chain from descriptor ${head} does not end`);
  }

  private walkIndirect(words: Int32Array, at: number, flags: number, nested: boolean): boolean {
    const { journal, memory } = this.host.board;
    journal.met('virtio/VQ-IND-D1');
    if (nested) return this.stop('virtio/VQ-IND-D2', 'an indirect table holds a descriptor with INDIRECT');
    // A lenient device follows the table all the same.
    if (!this.host.indirect)
      journal.report('virtio/VQ-IND-D1', this.name, 'a descriptor has INDIRECT, which was not negotiated');
    if ((flags & NEXT) !== 0)
      journal.report('virtio/VQ-IND-D4', this.name, 'a descriptor has both INDIRECT and NEXT');
    const length = words[at + 2]! >>> 0;
    const address = (words[at + 1]! >>> 0) * 0x1_0000_0000 + (words[at]! >>> 0);
    if (length === 0 || length % virtq_desc.size !== 0)
      return this.stop('virtio/VQ-IMP-13', `an indirect table is ${length} bytes long`);
    const range = memory.find(address, length);
    if (range === null || address % 4 !== 0)
      return this.stop('virtio/RFEAT-D4', `an indirect table at ${address.toString(16)} is not in RAM`);
    return this.walk(range.words, (address - range.base) / 4, length / virtq_desc.size, 0, true);
  }

  private badDescriptor(i: number, address: number, length: number, write: boolean): boolean {
    const { chain, size } = this;
    if (length === 0) return this.stop('virtio/VQ-IMP-21', `descriptor ${i} has length 0`);
    if (chain.count === size) return this.stop('virtio/VQ-IND-D3', `a chain has more than ${size} buffers`);
    if (!write && chain.writableBytes > 0)
      return this.stop('virtio/VQ-FRAME-D1', `descriptor ${i} is readable and follows a writable one`);
    const where = `${length} bytes at ${address.toString(16)}`;
    return this.stop('virtio/RFEAT-D4', `descriptor ${i}: ${where} do not lie in RAM`);
  }

  private badIdx(idx: number, pending: number): boolean {
    const said = `avail.idx is ${idx}, ${pending} ahead of ${this.nextAvail}, in a ring of ${this.size}`;
    return this.stop('virtio/VQ-AVAIL-D1', said);
  }

  private badHead(head: number): boolean {
    const slot = this.nextAvail & (this.size - 1);
    return this.stop('virtio/VQ-IMP-3', `avail.ring[${slot}] is ${head}, of ${this.size}`);
  }

  private reused(head: number): void {
    this.host.board.journal.report(
      'virtio/VQ-IMP-4',
      this.name,
      `descriptor ${head} was made available while in flight`,
    );
  }

  private ranDry(halves: Uint16Array): false {
    if (this.host.eventIdx) halves[this.usedHalf + 2 + this.size * 4] = this.nextAvail;
    if (!this.flagsSeen) {
      this.flagsSeen = true;
      meetRingRules(this.host.board.journal, this.name, halves[this.availHalf]!, this.host.eventIdx);
    }
    return false;
  }

  private wantsInterrupt(halves: Uint16Array, before: number): boolean {
    if (this.host.eventIdx) {
      const event = halves[this.availHalf + 2 + this.size]!;
      return ((this.nextUsed - event - 1) & 0xffff) < ((this.nextUsed - before) & 0xffff);
    }
    if ((halves[this.availHalf]! & VIRTQ_AVAIL_F_NO_INTERRUPT) === 0) return true;
    return this.host.notifyOnEmpty && halves[this.availHalf + 1] === this.nextAvail;
  }

  private stop(clause: ClauseId, said: string): false {
    this.broken = true;
    this.host.board.journal.report(clause, this.name, said);
    return false;
  }
}
