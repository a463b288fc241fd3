import { BYTES_SHIFT } from '../../core/budget.ts';
import { type Area, get64 } from '../area.ts';
import type { Buffers } from '../buffers.ts';
import { type Card, publishCount, type QueuePlace, type TransmitQueue } from '../card.ts';
import { blankGqi, type GvnicEvents } from '../events.ts';
import { gqi_tx_pkt_desc, gqi_tx_seg_desc, TX_TYPE, TX_TYPE_FLAGS } from '../registers/gqi.ts';
import { describeGqi } from './described.ts';

const { STD, TSO, SEG, MTD } = TX_TYPE;
const { L4CSUM } = TX_TYPE_FLAGS.mask;
const TYPE_SHIFT = TX_TYPE_FLAGS.shift.TYPE;
const SHIFT = 4;
const NOTHING = new Uint8Array(0);
const { l4_csum_offset, l4_hdr_offset, desc_cnt, seg_len, seg_addr } = gqi_tx_pkt_desc.offset;
const { mss: MSS } = gqi_tx_seg_desc.offset;
/** Cost of a frame, in bytes moved. */
const FRAME = 12 << BYTES_SHIFT;

/** A GQI transmit ring: descriptors of 16 bytes, counted without end by driver and device. */
export class GqiTransmit implements TransmitQueue {
  readonly place: QueuePlace;
  private readonly card: Card;
  private readonly descriptors: Area;
  private readonly buffers: Buffers;
  private readonly entries: number;
  /** Descriptors done, and posted. */
  private done = 0;
  private posted = 0;
  /** Bytes of the packet that were put together. */
  private length = 0;
  private readonly packet = blankGqi();

  /** @param descriptors a ring of a power of two of them. */
  constructor(card: Card, place: QueuePlace, descriptors: Area, buffers: Buffers) {
    this.card = card;
    this.place = place;
    this.descriptors = descriptors;
    this.buffers = buffers;
    this.entries = descriptors.length >> SHIFT;
  }

  /** A count beyond the ring is none. */
  ring(value: number): void {
    const outstanding = (value - this.done) >>> 0;
    this.card.events?.transmitRung(this.place.id, outstanding, this.entries, (value - this.posted) | 0);
    if (outstanding <= this.entries) this.posted = value;
    if (!this.card.holds(this.place.id)) this.serve();
  }

  serve(): void {
    const { card, descriptors } = this;
    const { budget } = card;
    if (this.done === this.posted || !card.gate.open || !descriptors.find()) return;
    const before = this.done;
    while (this.done !== this.posted && budget.left > 0) {
      const taken = this.take((this.posted - this.done) >>> 0);
      if (taken === 0) break;
      budget.spendOn(taken, FRAME);
      this.done = (this.done + taken) >>> 0;
    }
    if (this.done !== before) {
      publishCount(this.place, this.done);
      card.events?.gqiCounted(this.place.id, this.done);
      card.blocks.notify(this.place.block);
    }
    if (budget.left <= 0 && this.done !== this.posted) budget.postpone(this.place.id);
  }

  /** Sends the next packet. @returns its descriptors; 0 if not all of them, of `left`, are posted. */
  private take(left: number): number {
    const { view } = this.descriptors;
    const first = this.slotAt(0);
    const type = view.getUint8(first) >> TYPE_SHIFT;
    const count = view.getUint8(first + desc_cnt);
    // What is no packet is passed over.
    this.length = 0;
    if ((type !== STD && type !== TSO) || count === 0 || count > this.entries) {
      if (this.card.events !== null) this.tell(this.card.events, 1, false);
      return 1;
    }
    if (count > left) return 0;
    const isWhole = this.gather(first) && this.gatherRest(count);
    if (this.card.events !== null) this.tell(this.card.events, count, isWhole);
    if (isWhole) this.send(first, type, count);
    return count;
  }

  private send(first: number, type: number, count: number): void {
    const { view } = this.descriptors;
    const { sender } = this.card;
    const { length } = this;
    if (type === TSO) sender.sendCut(length, this.mssOf(count), false);
    else if ((view.getUint8(first) & L4CSUM) !== 0) {
      const start = view.getUint8(first + l4_hdr_offset) << 1;
      sender.sendCompleted(length, start, view.getUint8(first + l4_csum_offset) << 1);
    } else sender.sendPlain(length);
  }

  /** The MSS is in the segments behind the first descriptor. */
  private mssOf(count: number): number {
    const { view } = this.descriptors;
    for (let i = 1; i < count; i++) {
      const at = this.slotAt(i);
      if (view.getUint8(at) >> TYPE_SHIFT === SEG) return view.getUint16(at + MSS, false);
    }
    return 0;
  }

  private gatherRest(count: number): boolean {
    const { view } = this.descriptors;
    for (let i = 1; i < count; i++) {
      const at = this.slotAt(i);
      const type = view.getUint8(at) >> TYPE_SHIFT;
      // Metadata has no bytes of the packet.
      if (type === MTD) continue;
      if (type !== SEG || !this.gather(at)) return false;
    }
    return true;
  }

  /** Adds the bytes that a descriptor names; false if they are not the device's to read, or too many. */
  private gather(at: number): boolean {
    const { view } = this.descriptors;
    const { packet } = this.card.sender;
    const length = view.getUint16(at + seg_len, false);
    if (length === 0) return true;
    const address = get64(view, at + seg_addr, false);
    if (this.length + length > packet.length) return false;
    if (!this.buffers.gather(packet, this.length, address, length)) return false;
    this.length += length;
    return true;
  }

  /** Tells the watcher what the descriptors of a packet say. */
  private tell(events: GvnicEvents, count: number, isWhole: boolean): void {
    const { packet } = this;
    packet.queue = this.place.id;
    packet.frame = isWhole ? this.card.sender.frame(this.length) : NOTHING;
    describeGqi(packet, this.descriptors.view, this, count, this.buffers);
    events.gqiPacket(packet);
  }

  /** @internal Where the descriptor is that is so many behind the next. */
  slotAt(behind: number): number {
    return this.descriptors.at + (((this.done + behind) & (this.entries - 1)) << SHIFT);
  }
}
