import { Segments } from '../../core/segments.ts';
import { type Coalesced, type CoalescedSink, Gro4 } from '../../net/offload/index.ts';
import type { Budget } from '../budget/budget.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { NetEvents } from './events.ts';
import type { NetMode } from './mode.ts';
import { NET_HDR_F, NET_HDR_GSO, virtio_net_hdr } from './registers.ts';

const at = virtio_net_hdr.offset;
const BIG = virtio_net_hdr.in('be');
/** Packets that wait for buffers; what comes beyond is dropped, as by a full card. */
const WAITING_MAX = 4096;
const WAITING_BYTES_MAX = 32 << 20;
/** Buffers, in whatever pieces, into which one packet is put at the most. */
const MOST_PIECES = 0x1_0000;

interface Packet {
  readonly frame: Uint8Array;
  readonly header: Uint8Array;
}

/** Puts frames into receive buffers (virtio 1.4, Processing of Incoming Packets), coalesced if the guest takes that. */
export class Receiver implements CoalescedSink {
  mode: NetMode;
  /** Segments of a flow that come together are joined: GUEST_TSO4 was accepted and is on. */
  gro4 = false;
  events: NetEvents | null = null;
  /** Frames that found no room. */
  dropped = 0;
  private readonly budget: Budget;
  private readonly gro: Gro4;
  private readonly waiting: Packet[] = [];
  private waitingBytes = 0;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  /** The first buffer of a packet that may go on in others. */
  private readonly first = new Segments();
  private readonly heads: number[] = [];
  private readonly written: number[] = [];

  constructor(mode: NetMode, budget: Budget) {
    this.mode = mode;
    this.budget = budget;
    this.gro = new Gro4(this);
  }

  /** Takes a frame from the wire. It is copied; `place` puts it into a buffer. */
  take(frame: Uint8Array): void {
    if (this.gro4) this.gro.add(frame);
    else this.wait(frame.slice(), new Uint8Array(virtio_net_hdr.size));
  }

  /** @internal What coalescing hands on. */
  deliver(packet: Coalesced): void {
    const header = new Uint8Array(virtio_net_hdr.size);
    if (packet.segments > 1)
      (this.mode.little ? virtio_net_hdr : BIG).encode(
        {
          flags: NET_HDR_F.NEEDS_CSUM,
          gso_type: NET_HDR_GSO.TCPV4,
          hdr_len: packet.headerLength,
          gso_size: packet.gsoSize,
          csum_start: packet.csumStart,
          csum_offset: packet.csumOffset,
        },
        header,
      );
    this.wait(packet.frame.slice(), header);
  }

  /** Packets wait for the budget, and not for buffers alone. */
  get isBehind(): boolean {
    return this.waiting.length > 0 && this.budget.left <= 0;
  }

  /** Places what waits, each packet into the queue that `choose` names, as long as there are buffers. */
  place(choose: (frame: Uint8Array) => Virtqueue): void {
    this.gro.flush();
    if (this.waiting.length === 0) return;
    const touched = new Set<Virtqueue>();
    while (this.waiting.length > 0 && this.budget.left > 0) {
      const packet = this.waiting[0]!;
      const queue = choose(packet.frame);
      if (!this.put(packet, queue)) break;
      touched.add(queue);
      this.waiting.shift();
      this.waitingBytes -= packet.frame.length;
    }
    for (const queue of touched) queue.flush();
  }

  reset(): void {
    this.gro.flush();
    this.waiting.length = this.waitingBytes = 0;
  }

  private wait(frame: Uint8Array, header: Uint8Array): void {
    if (this.waiting.length === WAITING_MAX || this.waitingBytes > WAITING_BYTES_MAX) this.dropped++;
    else {
      this.waiting.push({ frame, header });
      this.waitingBytes += frame.length;
    }
  }

  /** False if the packet must wait; a packet that fits no buffer of this kind is dropped and counts as placed. */
  private put(packet: Packet, queue: Virtqueue): boolean {
    const { headerSize, mergeable } = this.mode;
    // With VERSION_1 the field is there though buffers do not merge: it is then 1.
    this.count(packet.header, 1);
    const total = headerSize + packet.frame.length;
    let room = 0;
    let count = 0;
    let pieces = 0;
    while (room < total && (count === 0 || mergeable) && pieces < MOST_PIECES) {
      if (!queue.pop()) {
        queue.rewind(count);
        return false;
      }
      this.events?.buffer(queue.index, queue.chain);
      queue.chain.resolve(this.readable, this.writable);
      if (mergeable && count === 0) this.first.setTail(this.writable, 0);
      this.heads[count] = queue.chain.id;
      this.written[count] = this.fill(packet, room, headerSize);
      this.budget.spendOn(queue.chain, this.written[count]!);
      room += this.writable.total;
      pieces += queue.chain.count;
      count++;
    }
    if (room < total) {
      queue.rewind(count);
      this.dropped++;
      return true;
    }
    if (mergeable) this.countBuffers(packet, count);
    queue.pushTogether(this.heads, this.written, count);
    return true;
  }

  /** Writes the part of header and frame that begins `skip` bytes in; returns how much fitted. */
  private fill(packet: Packet, skip: number, headerSize: number): number {
    const { writable } = this;
    const header = packet.header.subarray(Math.min(skip, headerSize), headerSize);
    const done = writable.scatter(header);
    const from = Math.max(0, skip - headerSize);
    return done + writable.scatter(packet.frame.subarray(from), done);
  }

  /** num_buffers is known only now: the first buffer's header is written again. */
  private countBuffers(packet: Packet, count: number): void {
    this.count(packet.header, count);
    this.first.scatter(packet.header.subarray(0, this.mode.headerSize));
  }

  private count(header: Uint8Array, buffers: number): void {
    const low = at.num_buffers + (this.mode.little ? 0 : 1);
    header[low] = buffers & 0xff;
    header[low ^ 1] = buffers >> 8;
  }
}
