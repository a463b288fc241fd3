import { BYTES_SHIFT } from '../../core/budget.ts';
import { type Area, get64 } from '../area.ts';
import type { Buffers } from '../buffers.ts';
import type { Card, QueuePlace, TransmitQueue } from '../card.ts';
import { blankDqo, type GvnicEvents } from '../events.ts';
import {
  DQO_ALTERNATE_MISS as ALTERNATE_MISS,
  DQO_COMPLETION_TYPE,
  DQO_DESCRIPTORS_MOST,
  DQO_LENGTH_MASK,
  DQO_TX_COMPLETION,
  DQO_TX_FLAGS,
  DQO_TX_TYPE,
  dqo_tx_completion,
  dqo_tx_pkt_desc,
  dqo_tx_tso_desc,
} from '../registers/dqo.ts';
import { CompletionRing } from './completions.ts';
import { describeDqo } from './described.ts';
import type { LateCompletions } from './late-completions.ts';

const { TYPE, END_OF_PACKET, CHECKSUM, REPORT_EVENT } = DQO_TX_FLAGS.mask;
const { GENERAL_CONTEXT, TSO_CONTEXT, PACKET } = DQO_TX_TYPE;
const { MISS, PACKET: PACKET_DONE, REINJECTION, DESCRIPTOR } = DQO_COMPLETION_TYPE;
const { ID } = DQO_TX_COMPLETION.mask;
const { TYPE: TYPE_SHIFT, GENERATION: GENERATION_SHIFT } = DQO_TX_COMPLETION.shift;
const SHIFT = 4;
const NOTHING = new Uint8Array(0);
const COMPLETION_SHIFT = 3;
const { buf_addr, type_flags, compl_tag, buf_size } = dqo_tx_pkt_desc.offset;
const { mss: MSS, header_len } = dqo_tx_tso_desc.offset;
const TAG_SHIFT = 8 * dqo_tx_completion.offset.tag;
/** Cost of a frame, in bytes moved. */
const FRAME = 12 << BYTES_SHIFT;

/** Bytes that a descriptor names. */
interface Piece {
  readonly address: number;
  readonly length: number;
}

/** A packet that is to be sent once more: its bytes are read then. */
interface Missed {
  readonly pieces: readonly Piece[];
  readonly mss: number;
  readonly flags: number;
  readonly tag: number;
}

/** A DQO transmit ring: descriptors of 16 bytes, and a ring of completions for packets and for descriptors. */
export class DqoTransmit implements TransmitQueue {
  readonly place: QueuePlace;
  private readonly card: Card;
  private readonly descriptors: Area;
  private readonly completions: CompletionRing;
  private readonly buffers: Buffers;
  private readonly mask: number;
  /** Descriptors of a packet, or of a segment of one. */
  private readonly most: number;
  /** Slots of the next descriptor, and behind the last that is posted. */
  private head = 0;
  private tail = 0;
  /** Of the packet at hand. */
  private begin = 0;
  /** The driver took more descriptors for a packet than the device has room for: it serves the queue no more. */
  private stopped = false;
  /** The packet at hand: bytes put together, MSS of a large one, bytes of its headers, and whether all was there. */
  private length = 0;
  private readonly packet = blankDqo();
  private mss = 0;
  private headers = 0;
  private isWhole = true;
  /** Descriptors of the segment at hand, and bytes of it that are missing. */
  private pieces = 0;
  private missing = 0;

  constructor(card: Card, place: QueuePlace, descriptors: Area, completions: Area, buffers: Buffers) {
    this.card = card;
    this.place = place;
    this.descriptors = descriptors;
    this.completions = new CompletionRing(completions, COMPLETION_SHIFT);
    this.buffers = buffers;
    this.most = card.settings.descriptorLimit ? DQO_DESCRIPTORS_MOST : Number.POSITIVE_INFINITY;
    this.mask = (descriptors.length >> SHIFT) - 1;
  }

  /** Some drivers count without end. */
  ring(value: number): void {
    if (this.card.events !== null) this.tellTail(this.card.events, value);
    this.tail = value & this.mask;
    if (!this.card.holds(this.place.id)) this.serve();
  }

  serve(): void {
    const { card, descriptors } = this;
    const { budget } = card;
    if (this.head === this.tail || this.stopped || !card.gate.open) return;
    if (!descriptors.find() || !this.completions.area.find()) return;
    let any = false;
    const isPlain = card.events === null && card.late === null;
    while (this.head !== this.tail && budget.left > 0 && !this.stopped) {
      if (isPlain && this.takeOne()) {
        budget.spendOn(1, FRAME);
        any = true;
        continue;
      }
      const count = this.countNext();
      if (count === 0) break;
      budget.spendOn(count, FRAME);
      this.take(count);
      any = true;
    }
    if (any) card.blocks.notify(this.place.block);
    if (budget.left <= 0 && this.head !== this.tail) budget.postpone(this.place.id);
  }

  /** Takes the next packet if it has one descriptor: as `take`, with each word of it read once. */
  private takeOne(): boolean {
    const { view } = this.descriptors;
    const at = this.placeOf(this.head);
    const flags = view.getUint8(at + type_flags);
    if ((flags & (TYPE | END_OF_PACKET)) !== (PACKET | END_OF_PACKET)) return false;
    const words = view.getUint32(at + compl_tag, true);
    const length = (words >>> 16) & DQO_LENGTH_MASK;
    this.head = (this.head + 1) & this.mask;
    this.length = this.mss = 0;
    this.isWhole = true;
    this.add(get64(view, at + buf_addr, true), length);
    if (this.isWhole) this.send(flags);
    this.complete(PACKET_DONE, words & 0xffff);
    if ((flags & REPORT_EVENT) !== 0) this.complete(DESCRIPTOR, this.head);
    return true;
  }

  /** Descriptors of the next packet, up to the one that ends it; 0 if that is not posted. */
  private countNext(): number {
    const { view } = this.descriptors;
    for (let i = 0, slot = this.head; slot !== this.tail; i++, slot = (slot + 1) & this.mask) {
      const flags = view.getUint8(this.placeOf(slot) + type_flags);
      if ((flags & TYPE) === PACKET && (flags & END_OF_PACKET) !== 0) return i + 1;
    }
    return 0;
  }

  private take(count: number): void {
    this.length = this.mss = this.headers = this.pieces = 0;
    this.isWhole = true;
    let last = 0;
    this.begin = this.head;
    for (let i = 0; i < count; i++) {
      last = this.placeOf(this.head);
      this.head = (this.head + 1) & this.mask;
      this.read(last);
      if (this.stopped) break;
    }
    if (this.card.events !== null) this.tell(this.card.events, count);
    if (this.stopped) return;
    const flags = this.descriptors.view.getUint8(last + type_flags);
    const tag = this.descriptors.view.getUint16(last + compl_tag, true);
    const { late } = this.card;
    if (late !== null) this.finishLate(late, count, flags, tag);
    else {
      if (this.isWhole) this.send(flags);
      this.complete(PACKET_DONE, tag);
    }
    if ((flags & REPORT_EVENT) !== 0) this.complete(DESCRIPTOR, this.head);
  }

  /** A packet that misses stays in the driver's buffers until it is injected again. */
  private finishLate(late: LateCompletions, count: number, flags: number, tag: number): void {
    const { latency, reinjection } = late.manners;
    if (this.isWhole && late.misses()) {
      const missed = { pieces: this.piecesOf(count), mss: this.mss, flags, tag };
      if (late.isAlternate()) this.complete(PACKET_DONE, tag | ALTERNATE_MISS);
      else this.complete(MISS, tag);
      late.after(reinjection, this, () => this.reinject(missed));
      return;
    }
    if (this.isWhole) this.send(flags);
    late.after(latency, this, () => this.completeLate(PACKET_DONE, tag));
  }

  private piecesOf(count: number): readonly Piece[] {
    const { view } = this.descriptors;
    return Array.from({ length: count }, (_, i) => this.slotAt(i))
      .filter((at) => (view.getUint8(at + type_flags) & TYPE) === PACKET)
      .map((at) => ({
        address: get64(view, at + buf_addr, true),
        length: view.getUint16(at + buf_size, true) & DQO_LENGTH_MASK,
      }));
  }

  private reinject({ pieces, mss, flags, tag }: Missed): void {
    const { card } = this;
    if (!card.gate.open) return;
    this.length = 0;
    this.mss = mss;
    this.isWhole = true;
    for (const { address, length } of pieces) this.add(address, length);
    if (this.isWhole) this.send(flags);
    this.completeLate(REINJECTION, tag);
  }

  private completeLate(type: number, tag: number): void {
    const { card } = this;
    if (!card.gate.open || !this.completions.area.find()) return;
    this.complete(type, tag);
    card.blocks.notify(this.place.block);
  }

  private read(at: number): void {
    const { view } = this.descriptors;
    const type = view.getUint8(at + type_flags) & TYPE;
    if (type === PACKET) this.gather(at);
    else if (type === TSO_CONTEXT) {
      this.mss = view.getUint16(at + MSS, true) & DQO_LENGTH_MASK;
      this.headers = view.getUint8(at + header_len);
      this.missing = this.headers + this.mss;
    } else if (type !== GENERAL_CONTEXT) this.isWhole = false;
  }

  private gather(at: number): void {
    const { view } = this.descriptors;
    const length = view.getUint16(at + buf_size, true) & DQO_LENGTH_MASK;
    this.count(length);
    if (!this.stopped) this.add(get64(view, at + buf_addr, true), length);
  }

  /** Adds bytes to the packet; it is not whole if they are not the device's to read, or too many. */
  private add(address: number, length: number): void {
    const { packet } = this.card.sender;
    if (length === 0) return;
    const isRoom = this.length + length <= packet.length;
    if (isRoom && this.buffers.gather(packet, this.length, address, length)) this.length += length;
    else this.isWhole = false;
  }

  /** Counts the descriptors of a packet, or of a segment of a large one; with too many the queue stops. */
  private count(length: number): void {
    if (++this.pieces > this.most) this.stopped = true;
    if (this.mss === 0) return;
    if (length < this.missing) {
      this.missing -= length;
      return;
    }
    // The descriptor may reach into the next segment, which has the headers too.
    const beyond = (length - this.missing) % this.mss;
    this.missing = this.mss - beyond;
    this.pieces = beyond === 0 ? 1 : 2;
  }

  private send(flags: number): void {
    const { sender } = this.card;
    const { length, mss } = this;
    if (mss > 0) sender.sendCut(length, mss, true);
    else if ((flags & CHECKSUM) !== 0) sender.sendComputed(length);
    else sender.sendPlain(length);
  }

  private complete(type: number, tag: number): void {
    const { completions } = this;
    const { area, offset, generation } = completions;
    const at = area.at + offset;
    const word = (this.place.id & ID) | (type << TYPE_SHIFT) | (generation << GENERATION_SHIFT);
    area.view.setUint32(at, (tag << TAG_SHIFT) | word, true);
    area.wrote(offset, dqo_tx_completion.size);
    completions.advance();
    this.card.events?.dqoCompleted(this.place.id, type, tag);
  }

  private tellTail(events: GvnicEvents, value: number): void {
    const { descriptors, mask, head, tail } = this;
    const added = (value - tail) & mask;
    const isKnown = added > 0 && descriptors.find();
    const last = this.placeOf((value - 1) & mask) + type_flags;
    const flags = isKnown ? descriptors.view.getUint8(last) : PACKET | END_OF_PACKET;
    const isEnd = (flags & TYPE) === PACKET && (flags & END_OF_PACKET) !== 0;
    events.tailRung(this.place.id, value, mask + 1, added, isEnd, ((tail - head) & mask) + added);
  }

  /** Tells the watcher what the descriptors of a packet say. */
  private tell(events: GvnicEvents, count: number): void {
    const { packet } = this;
    packet.queue = this.place.id;
    packet.isTooLong = this.stopped;
    packet.frame = this.isWhole && !this.stopped ? this.card.sender.frame(this.length) : NOTHING;
    describeDqo(packet, this.descriptors.view, this, count, this.buffers);
    events.dqoPacket(packet);
  }

  /** @internal Where a descriptor of the packet at hand is. */
  slotAt(index: number): number {
    return this.placeOf((this.begin + index) & this.mask);
  }

  private placeOf(slot: number): number {
    return this.descriptors.at + (slot << SHIFT);
  }
}
