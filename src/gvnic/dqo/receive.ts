import { type Area, get64 } from '../area.ts';
import type { RawBuffers } from '../buffers.ts';
import type { Arrival, Card, QueuePlace, ReceiveQueue } from '../card.ts';
import type { GvnicEvents } from '../events.ts';
import { packetType } from '../packet-types.ts';
import {
  DQO_RX_DESCRIPTOR_ID,
  DQO_RX_HEADER,
  DQO_RX_LENGTH,
  DQO_RX_PTYPE,
  DQO_RX_STATUS,
  dqo_rx_buffer,
  dqo_rx_completion,
} from '../registers/dqo.ts';
import { CompletionRing } from './completions.ts';

const { DONE, END_OF_PACKET, L3_L4_PROCESSED, L4_CSUM_ERR, HEADER_OVERFLOW } = DQO_RX_STATUS.mask;
const { RSC, SPLIT_HEADER } = DQO_RX_HEADER.mask;
const { RAW_CS_INVALID } = DQO_RX_PTYPE.mask;
const GENERATION_SHIFT = DQO_RX_LENGTH.shift.GENERATION;
const SHIFT = 5;
const { buf_id, buf_addr, header_buf_addr } = dqo_rx_buffer.offset;
const at = dqo_rx_completion.offset;

/** From a field of 16 bits to the next. */
const HALF = 16;
/** Of the byte behind the status by three. */
const STAMPED = 1 << (8 * (at.timestamp_valid - at.status));
/** The low half of a time. */
const NANOS = 0x1_0000_0000;

interface Sizes {
  /** Bytes of a buffer for packets, and of one for headers; 0 is none. */
  readonly packet: number;
  readonly header: number;
}

/** A DQO receive queue: a ring of buffers, and one of completions. */
export class DqoReceive implements ReceiveQueue {
  readonly place: QueuePlace;
  readonly joins: boolean;
  private readonly card: Card;
  private readonly posted: Area;
  private readonly completions: CompletionRing;
  private readonly buffers: RawBuffers;
  private readonly sizes: Sizes;
  private readonly mask: number;
  /** Each packet has the time at which it came. */
  private readonly stamps: boolean;
  /** Slots of the next buffer, and behind the last that is posted. */
  private head = 0;
  private tail = 0;
  /** Buffers used, without end. */
  private used = 0;
  /** Of the packet that was put last: its buffers, the bytes of headers in a buffer of their own, and whether these had no room. */
  private count = 0;
  private split = 0;
  private isOverflow = false;

  constructor(
    card: Card,
    place: QueuePlace,
    rings: { readonly buffers: Area; readonly completions: Area },
    buffers: RawBuffers,
    sizes: Sizes,
    joins: boolean,
  ) {
    this.card = card;
    this.place = place;
    this.joins = joins;
    this.posted = rings.buffers;
    this.completions = new CompletionRing(rings.completions, SHIFT);
    this.buffers = buffers;
    this.sizes = sizes;
    this.stamps = card.settings.offer.includes('NIC_TIMESTAMP');
    this.mask = (rings.buffers.length >> SHIFT) - 1;
  }

  ring(value: number): void {
    const { mask, tail } = this;
    const outstanding = ((tail - this.head) & mask) + ((value - tail) & mask);
    this.card.events?.buffersRung(this.place.id, value, outstanding, mask + 1);
    this.tail = value & mask;
  }

  put(packet: Arrival): boolean {
    const { sizes, head } = this;
    const { frame } = packet;
    const headers = this.headersOf(packet);
    const split = headers <= sizes.header ? headers : 0;
    const left = frame.length - split;
    const count = left <= sizes.packet ? 1 : Math.ceil(left / sizes.packet);
    if (((this.tail - head) & this.mask) < count) return false;
    if (!this.posted.find() || !this.completions.area.find()) return false;
    this.count = count;
    this.split = split;
    this.isOverflow = headers > split;
    if (count === 1 && split === 0) return this.putWhole(packet);
    if (!this.hasAll(count, split)) return false;
    if (split > 0) this.buffers.scatter(frame, 0, split, this.addressOf(0, header_buf_addr));
    let from = split;
    for (let i = 0; i < count; i++) {
      const bytes = Math.min(sizes.packet, frame.length - from);
      if (bytes > 0) this.buffers.scatter(frame, from, bytes, this.addressOf(i, buf_addr));
      from += bytes;
    }
    return true;
  }

  publish(packet: Arrival): void {
    const { sizes, count, split } = this;
    if (!this.posted.find() || !this.completions.area.find()) return;
    const always = this.isOverflow ? HEADER_OVERFLOW : 0;
    for (let i = 0, left = packet.frame.length - split; i < count; i++, left -= sizes.packet) {
      const status = always | (i === count - 1 ? statusOf(packet) | END_OF_PACKET : DONE);
      this.complete(packet, i, Math.min(sizes.packet, left), status);
    }
    this.head = (this.head + count) & this.mask;
    this.used += count;
    this.card.events?.received(this.place.id, count);
    this.card.blocks.notify(this.place.block);
  }

  /** Into one buffer: where that is WebAssembly's, the packet is summed there. */
  private putWhole(packet: Arrival): boolean {
    const { events, board } = this.card;
    const address = this.addressOf(0, buf_addr);
    const range = this.buffers.put(packet.frame, address, this.sizes.packet);
    if (events !== null) this.tell(events, 1, range !== null);
    if (range === null) return false;
    if (board.memory.within !== null) {
      packet.copy = range.bytes;
      packet.copyAt = address - range.base;
    }
    return true;
  }

  /** Where the payload begins, of a packet whose headers go into a buffer of their own; else 0. */
  private headersOf({ at: { transport, payload, fragment } }: Arrival): number {
    return this.sizes.header > 0 && transport !== 0 && !fragment ? payload : 0;
  }

  private hasAll(count: number, split: number): boolean {
    const { buffers, sizes } = this;
    const { events } = this.card;
    let isInside = split === 0 || buffers.has(this.addressOf(0, header_buf_addr), sizes.header);
    for (let i = 0; i < count && isInside; i++)
      isInside = buffers.has(this.addressOf(i, buf_addr), sizes.packet);
    if (events !== null) this.tell(events, count, isInside);
    return isInside;
  }

  private tell(events: GvnicEvents, count: number, isInside: boolean): void {
    const { used, split } = this;
    const posted = used + ((this.tail - this.head) & this.mask);
    for (let i = 0; i < count; i++) {
      const id = this.posted.view.getUint16(this.slotAt(i) + buf_id, true);
      const headers = i === 0 && split > 0 ? this.addressOf(0, header_buf_addr) : -1;
      events.slotTaken(this.place.id, id, isInside, used + i, posted, this.addressOf(i, buf_addr), headers);
    }
  }

  private addressOf(behind: number, field: number): number {
    return get64(this.posted.view, this.slotAt(behind) + field, true);
  }

  private slotAt(behind: number): number {
    return this.posted.at + (((this.head + behind) & this.mask) << SHIFT);
  }

  /** Field by field as they lie, two at a time; what makes it valid is written last. */
  private complete(
    { at: layout, hash, segmentSize }: Arrival,
    index: number,
    bytes: number,
    status: number,
  ): void {
    const { completions, split, stamps } = this;
    const { area, offset, generation } = completions;
    const { view } = area;
    const to = area.at + offset;
    const ptype = packetType(layout) | RAW_CS_INVALID;
    view.setUint32(to + at.rxdid, DQO_RX_DESCRIPTOR_ID | (ptype << HALF), true);
    view.setUint32(to + at.status, status | (stamps ? STAMPED : 0), true);
    const id = this.posted.view.getUint16(this.slotAt(index) + buf_id, true);
    view.setUint32(to + at.buf_id, id | (segmentSize << HALF), true);
    view.setUint32(to + at.hash, hash, true);
    if (stamps) view.setUint32(to + at.timestamp, this.card.board.clock.now % NANOS, true);
    // Of a packet of several the first alone says so: Linux begins a packet anew with each that does.
    const isSplit = split > 0 && index === 0;
    const header = (isSplit ? split | SPLIT_HEADER : 0) | (segmentSize > 0 ? RSC : 0);
    view.setUint32(to + at.length, bytes | (generation << GENERATION_SHIFT) | (header << HALF), true);
    area.wrote(offset, dqo_rx_completion.size);
    completions.advance();
  }
}

function statusOf({ sums }: Arrival): number {
  if (sums === 'none') return DONE;
  return DONE | L3_L4_PROCESSED | (sums === 'bad' ? L4_CSUM_ERR : 0);
}
