import { type Area, get64 } from '../area.ts';
import type { Buffers } from '../buffers.ts';
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
  private readonly buffers: Buffers;
  private readonly sizes: Sizes;
  private readonly mask: number;
  /** Each packet has the time at which it came. */
  private readonly stamps: boolean;
  /** Slots of the next buffer, and behind the last that is posted. */
  private head = 0;
  private tail = 0;
  /** Buffers used, without end. */
  private used = 0;

  constructor(
    card: Card,
    place: QueuePlace,
    rings: { readonly buffers: Area; readonly completions: Area },
    buffers: Buffers,
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
    const count = Math.max(1, Math.ceil((frame.length - split) / sizes.packet));
    if (((this.tail - head) & this.mask) < count) return false;
    if (!this.posted.find() || !this.completions.area.find() || !this.hasAll(count, split)) return false;
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
    const { sizes } = this;
    if (!this.posted.find() || !this.completions.area.find()) return;
    const { frame } = packet;
    const headers = this.headersOf(packet);
    const split = headers <= sizes.header ? headers : 0;
    const count = Math.max(1, Math.ceil((frame.length - split) / sizes.packet));
    for (let i = 0, left = frame.length - split; i < count; i++, left -= sizes.packet) {
      this.describe(packet, split);
      const status = i === count - 1 ? statusOf(packet) | END_OF_PACKET : DONE;
      this.complete(i, Math.min(sizes.packet, left), headers > split ? status | HEADER_OVERFLOW : status);
    }
    this.head = (this.head + count) & this.mask;
    this.used += count;
    this.card.events?.received(this.place.id, count);
    this.card.blocks.notify(this.place.block);
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
    const { used } = this;
    const posted = used + ((this.tail - this.head) & this.mask);
    for (let i = 0; i < count; i++) {
      const id = this.posted.view.getUint16(this.slotAt(i) + buf_id, true);
      events.slotTaken(this.place.id, id, isInside, used + i, posted);
    }
  }

  private addressOf(behind: number, field: number): number {
    return get64(this.posted.view, this.slotAt(behind) + field, true);
  }

  private slotAt(behind: number): number {
    return this.posted.at + (((this.head + behind) & this.mask) << SHIFT);
  }

  /** What is the same in each completion of a packet. */
  private describe({ at: layout, hash, segmentSize }: Arrival, split: number): void {
    const { area, offset } = this.completions;
    const { view } = area;
    const to = area.at + offset;
    view.setUint8(to + at.rxdid, DQO_RX_DESCRIPTOR_ID);
    view.setUint8(to + at.flags1, 0);
    view.setUint16(to + at.ptype, packetType(layout) | RAW_CS_INVALID, true);
    const header = split === 0 ? 0 : split | SPLIT_HEADER;
    view.setUint16(to + at.header, header | (segmentSize > 0 ? RSC : 0), true);
    view.setUint16(to + at.rsc_seg_len, segmentSize, true);
    view.setUint32(to + at.hash, hash, true);
    view.setUint8(to + at.timestamp_valid, this.stamps ? 1 : 0);
    if (this.stamps) view.setUint32(to + at.timestamp, this.card.board.clock.now % NANOS, true);
  }

  /** What makes it valid is written last. */
  private complete(index: number, bytes: number, status: number): void {
    const { completions } = this;
    const { area, offset, generation } = completions;
    const { view } = area;
    const to = area.at + offset;
    view.setUint8(to + at.status, status);
    view.setUint16(to + at.buf_id, this.posted.view.getUint16(this.slotAt(index) + buf_id, true), true);
    view.setUint16(to + at.length, bytes | (generation << GENERATION_SHIFT), true);
    area.wrote(offset, dqo_rx_completion.size);
    completions.advance();
  }
}

function statusOf({ sums }: Arrival): number {
  if (sums === 'none') return DONE;
  return DONE | L3_L4_PROCESSED | (sums === 'bad' ? L4_CSUM_ERR : 0);
}
