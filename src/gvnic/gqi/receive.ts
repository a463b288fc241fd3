import { internetSum, pseudoSum } from '../../net/frame/checksum.ts';
import { ethernet, PROTOCOL } from '../../net/frame/headers.ts';
import { type Area, get64 } from '../area.ts';
import type { Buffers } from '../buffers.ts';
import { type Arrival, type Card, publishCount, type QueuePlace, type ReceiveQueue } from '../card.ts';
import { gqi_rx_desc, RX_FLAGS, RX_PAD, RX_SEQUENCES } from '../registers/gqi.ts';

const { FRAG, IPV4, IPV6, TCP, UDP, PKT_CONT } = RX_FLAGS.mask;
const { rss_hash, csum, len, flags_seq } = gqi_rx_desc.offset;
const SHIFT = 6;
/** A sum with its checksum in place. */
const RIGHT = 0xffff;
const SLOT_SHIFT = 3;

/** A GQI receive queue: a ring of buffers, and one of descriptors for what was put into them. */
export class GqiReceive implements ReceiveQueue {
  readonly place: QueuePlace;
  readonly joins = false;
  private readonly card: Card;
  private readonly descriptors: Area;
  private readonly slots: Area;
  private readonly buffers: Buffers;
  private readonly bufferSize: number;
  private readonly entries: number;
  /** Buffers used, and posted, without end. */
  private used = 0;
  private posted = 0;
  /** Of the next descriptor, less one. */
  private sequence = 0;
  /** Buffers of the packet that was placed. */
  private putIn = 0;

  /** @param descriptors and `slots` rings of as many entries, a power of two. */
  constructor(
    card: Card,
    place: QueuePlace,
    rings: { readonly descriptors: Area; readonly slots: Area },
    buffers: Buffers,
    bufferSize: number,
  ) {
    this.card = card;
    this.place = place;
    this.descriptors = rings.descriptors;
    this.slots = rings.slots;
    this.buffers = buffers;
    this.bufferSize = bufferSize;
    this.entries = rings.descriptors.length >> SHIFT;
  }

  /** A count beyond the ring is none. */
  ring(value: number): void {
    const outstanding = (value - this.used) >>> 0;
    this.card.events?.receiveRung(this.place.id, outstanding, this.entries, (value - this.posted) | 0);
    if (outstanding <= this.entries) this.posted = value;
  }

  put(packet: Arrival): boolean {
    const { bufferSize, used } = this;
    const { length } = packet.frame;
    const count = Math.ceil((length + RX_PAD) / bufferSize);
    if ((this.posted - used) >>> 0 < count || !this.descriptors.find() || !this.slots.find()) return false;
    if (!this.hasAll(count)) return false;
    for (let i = 0, from = 0; i < count; i++) {
      const pad = i === 0 ? RX_PAD : 0;
      const bytes = Math.min(bufferSize - pad, length - from);
      this.buffers.scatter(packet.frame, from, bytes, this.addressOf(i) + pad);
      from += bytes;
    }
    this.putIn = count;
    return true;
  }

  publish(packet: Arrival): void {
    const count = this.putIn;
    if (!this.descriptors.find()) return;
    this.describe(packet, count);
    this.used = (this.used + count) >>> 0;
    this.sequence = (this.sequence + count) % RX_SEQUENCES;
    publishCount(this.place, this.used);
    this.card.events?.received(this.place.id, count);
    this.card.blocks.notify(this.place.block);
  }

  private hasAll(count: number): boolean {
    const { events } = this.card;
    const { used, posted } = this;
    for (let i = 0; i < count; i++) {
      const address = this.addressOf(i);
      const isInside = this.buffers.has(address, this.bufferSize);
      events?.slotTaken(this.place.id, address, isInside, (used + i) >>> 0, posted, address, -1);
      if (!isInside) return false;
    }
    return true;
  }

  /** Read when a frame comes, since drivers turn to the other half of a page. */
  private addressOf(behind: number): number {
    const slot = (this.used + behind) & (this.entries - 1);
    return get64(this.slots.view, this.slots.at + (slot << SLOT_SHIFT), false);
  }

  /** The first descriptor is published last: a driver that finds it expects the others. */
  private describe(packet: Arrival, count: number): void {
    const { descriptors, bufferSize } = this;
    const { view } = descriptors;
    let left = packet.frame.length + RX_PAD - (count - 1) * bufferSize;
    for (let i = count - 1; i >= 0; i--) {
      const slot = ((this.used + i) & (this.entries - 1)) << SHIFT;
      const at = descriptors.at + slot;
      const first = i === 0;
      view.setUint32(at + rss_hash, first ? packet.hash : 0, false);
      view.setUint16(at + csum, first ? sumFor(packet) : 0, false);
      view.setUint16(at + len, left, false);
      const flags = (first ? flagsOf(packet) : 0) | (i < count - 1 ? PKT_CONT : 0);
      view.setUint16(at + flags_seq, flags | (((this.sequence + i) % RX_SEQUENCES) + 1), false);
      descriptors.wrote(slot, gqi_rx_desc.size);
      left = bufferSize;
    }
  }
}

/**
 * The sum of all behind the Ethernet header: only of TCP and UDP whose checksum is right, as drivers take it for that. What is
 * right adds up to ffff with its pseudo-header, so that the payload need not be summed once more.
 */
function sumFor({ frame, sums, at }: Arrival): number {
  if (sums !== 'good') return 0;
  const { transport, end } = at;
  if (end !== frame.length) return internetSum(frame, ethernet.size, frame.length);
  return internetSum(frame, ethernet.size, transport, RIGHT - pseudoSum(frame, at, end - transport));
}

function flagsOf({ at }: Arrival): number {
  if (at.version === 0) return 0;
  const ip = (at.version === 4 ? IPV4 : IPV6) | (at.fragment ? FRAG : 0);
  if (at.transport === 0 || at.fragment) return ip;
  return ip | (at.protocol === PROTOCOL.TCP ? TCP : UDP);
}
