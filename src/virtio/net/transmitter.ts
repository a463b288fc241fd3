import type { Board } from '../../core/board.ts';
import type { Staging } from '../../core/staging.ts';
import { Views } from '../../core/views.ts';
import { LONGEST_FRAME, udp } from '../../net/frame/headers.ts';
import { type Cut, completeChecksum, type FrameSink, Segmenter } from '../../net/offload/index.ts';
import { type Budget, BYTES_SHIFT } from '../budget/budget.ts';
import type { Fault } from '../faults/strictness.ts';
import { Batch } from '../queue/batch/batch.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import { type NetEvents, nothingSent } from './events.ts';
import type { Moderation } from './features/coalescing.ts';
import { payloadOf } from './features/filters.ts';
import { QueueCounts, TX_COUNT } from './features/statistics.ts';
import { isSoundTunnel } from './features/tunnels.ts';
import type { NetMode } from './mode.ts';
import {
  ETHERNET_HEADER,
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  NET_HDR_UDP_TUNNEL,
  TRANSMIT_MAX,
  virtio_net_hdr_whole,
} from './registers.ts';

const { NEEDS_CSUM } = NET_HDR_F;
const { ECN } = NET_HDR_GSO;
const EITHER = NET_HDR_UDP_TUNNEL.GSO_IPV4 | NET_HDR_UDP_TUNNEL.GSO_IPV6;
const at = virtio_net_hdr_whole.offset;
/** The longest header, and the longest frame. */
const LONGEST = NET_HDR_SIZE.outer + TRANSMIT_MAX;

/** Maximum segments of one frame: all that pieces of 8 bytes, the minimum fragment of RFC 791, can need. */
const MOST_SEGMENTS = 8192;

/** Cost of sending a frame, in bytes moved; and budget for each segment made of a large frame. */
const FRAME_BYTES = 12 << BYTES_SHIFT;
const FRAME = 96;
/** Batch size and slot, including the header: for unsegmented frames, and limited to about what a cache holds. */
const AT_ONCE = { chains: 32, slot: 1600, spans: 0 };

/** The card that transmits. */
interface Sender extends FrameSink {
  goesAlong(fault: Fault): boolean;
  readonly counts: readonly QueueCounts[];
  readonly moderation: Moderation;
}

/** Takes frames out of a transmit queue, completes offloads, and sends them (virtio 1.4, Packet Transmission). */
export class Transmitter implements FrameSink {
  mode: NetMode;
  events: NetEvents | null = null;
  private readonly to: Sender;
  private readonly budget: Budget;
  private readonly segmenter: Segmenter;
  /** Header and frame of a single chain. */
  private readonly packet: Staging;
  private readonly batch: Batch;
  /** Views of frames in either buffer, until the memory moves them. */
  private packetViews: Views;
  private batchViews: Views;
  /** The frame that was last in each slot of a batch, and its length with a header of so many bytes. */
  private readonly frames: Uint8Array[] = [];
  private readonly lengths = new Int32Array(AT_ONCE.chains);
  private behind = 0;
  /** The header of the frame at hand, and where in these bytes it begins. */
  private bytes: Uint8Array;
  private headerAt = 0;
  /** State of the current queue. */
  private counts = new QueueCounts();
  /** The current queue's frames are not sent. */
  private loses = false;
  private readonly sent = nothingSent();

  constructor({ memory }: Board, mode: NetMode, to: Sender, budget: Budget) {
    this.budget = budget;
    this.packet = memory.staging(LONGEST);
    this.bytes = this.packet.bytes;
    this.packetViews = new Views(this.bytes);
    this.batch = new Batch(memory, AT_ONCE);
    this.batchViews = new Views(this.batch.bytes);
    this.segmenter = new Segmenter(memory.staging(LONGEST_FRAME));
    this.mode = mode;
    this.to = to;
  }

  /** @param idle the queue is not one that the driver has in use. */
  serve(queue: Virtqueue, idle: boolean): void {
    const { budget, to } = this;
    this.loses = idle && !to.goesAlong('queue not in use');
    this.counts = to.counts[queue.index]!;
    while (budget.left > 0) {
      if (this.events === null && this.serveBatch(queue)) continue;
      if (!queue.pop()) break;
      budget.spendOn(queue.chain.count, FRAME_BYTES + Math.min(queue.chain.readableBytes, LONGEST));
      this.sendChain(queue.index, queue.chain);
      queue.push(queue.chain.id, 0);
      to.moderation.passed(queue.index);
    }
    queue.flush();
    to.moderation.published(queue.index);
  }

  /** Sends a batch of chains; false if there is none. */
  private serveBatch(queue: Virtqueue): boolean {
    const { batch, budget, to } = this;
    const count = queue.take(batch);
    const { headerSize } = this.mode;
    if (this.batchViews.bytes !== batch.bytes || this.behind !== headerSize) this.viewBatch(headerSize);
    const { basic, csum } = this.counts;
    const most = this.plainMost();
    const least = headerSize + ETHERNET_HEADER;
    for (let i = 0; i < count; i++) {
      const length = batch.readableBytes(i);
      budget.spendOn(batch.buffers(i), FRAME_BYTES + length);
      const slot = batch.slotAt(i);
      if (length < least || length > most || !isPlain(batch.bytes, slot)) {
        this.sendSlot(slot, length);
        continue;
      }
      csum[TX_COUNT.CSUM_NONE]!++;
      to.send(this.frameIn(i, slot, length));
      basic[TX_COUNT.PACKETS]!++;
      basic[TX_COUNT.BYTES]! += length - headerSize;
    }
    to.moderation.passed(queue.index, count);
    queue.give(batch);
    return count > 0;
  }

  /** Bytes of header and frame up to which one goes out as it came, if its header asks for nothing. */
  private plainMost(): number {
    const { headerSize, mtu, tunnels, tunnelCsum } = this.mode;
    if (this.loses || tunnels || tunnelCsum) return 0;
    return headerSize + Math.min(ETHERNET_HEADER + mtu, TRANSMIT_MAX);
  }

  /** Any frame of a batch. */
  private sendSlot(slot: number, length: number): void {
    if (!this.fits(length)) this.drop(1);
    else this.sendFrame(this.lookAt(this.batchViews, slot, length));
  }

  /** The frame of chain `i` of a batch, mostly as long as the last one there. */
  private frameIn(i: number, slot: number, length: number): Uint8Array {
    if (this.lengths[i] === length) return this.frames[i]!;
    const frame = this.batchViews.of(slot + this.behind, slot + length);
    this.lengths[i] = length;
    this.frames[i] = frame;
    return frame;
  }

  private viewBatch(headerSize: number): void {
    this.behind = headerSize;
    this.batchViews = new Views(this.batch.bytes);
    this.lengths.fill(0);
  }

  /** @internal A segment of the frame at hand. */
  send(frame: Uint8Array): void {
    const { gso } = this.counts;
    gso[TX_COUNT.GSO_SEGMENTS]!++;
    gso[TX_COUNT.GSO_SEGMENTS_BYTES]! += frame.length;
    this.to.send(frame);
  }

  private sendChain(queue: number, chain: Chain): void {
    const { packet, events } = this;
    const length = chain.readableBytes;
    if (!this.fits(length)) {
      events?.drops(queue, chain);
      this.drop(1);
      return;
    }
    chain.gather(packet);
    if (this.packetViews.bytes !== packet.bytes) this.packetViews = new Views(packet.bytes);
    const frame = this.lookAt(this.packetViews, 0, length);
    if (events !== null) this.tell(queue, chain, frame, events);
    this.sendFrame(frame);
  }

  /** Whether there is a header and a frame, and neither is too long. */
  private fits(length: number): boolean {
    const { headerSize } = this.mode;
    return length >= headerSize + ETHERNET_HEADER && length <= headerSize + TRANSMIT_MAX;
  }

  /** Makes the header at `at` the current frame's, and returns the frame. */
  private lookAt(views: Views, at: number, length: number): Uint8Array {
    this.bytes = views.bytes;
    this.headerAt = at;
    return views.of(at + this.mode.headerSize, at + length);
  }

  private sendFrame(frame: Uint8Array): void {
    const { basic } = this.counts;
    if (this.loses || !this.offload(frame)) {
      this.drop(0);
      return;
    }
    basic[TX_COUNT.PACKETS]!++;
    basic[TX_COUNT.BYTES]! += frame.length;
  }

  private drop(malformed: number): void {
    const { basic } = this.counts;
    basic[TX_COUNT.DROPS]!++;
    basic[TX_COUNT.DROP_MALFORMED]! += malformed;
  }

  /** False if nothing was sent. */
  private offload(frame: Uint8Array): boolean {
    const { mode, bytes, headerAt } = this;
    const { csum } = this.counts;
    const flags = bytes[headerAt + at.flags]!;
    const gsoType = bytes[headerAt + at.gso_type]!;
    if (mode.tunnels && !isSoundTunnel(flags, gsoType)) return false;
    const type = gsoType & ~ECN;
    const tunnelled = mode.tunnels && (type & EITHER) !== 0;
    const cut = mode.cuts[tunnelled ? type & ~EITHER : type] ?? null;
    if (cut !== null) return this.cut(frame, cut, tunnelled ? this.field(at.inner_nh_offset) : 0);
    if (isLonger(frame, mode.mtu) && !this.to.goesAlong('frame beyond mtu')) return false;
    const open = mode.csum && (flags & NEEDS_CSUM) !== 0;
    csum[open ? TX_COUNT.NEEDS_CSUM : TX_COUNT.CSUM_NONE]!++;
    if (open) completeChecksum(frame, this.field(at.csum_start), this.field(at.csum_offset));
    // The outer checksum, after the inner one is complete.
    if (mode.tunnelCsum && (flags & NET_HDR_UDP_TUNNEL.CSUM) !== 0)
      completeChecksum(frame, this.field(at.outer_th_offset), udp.offset.checksum);
    this.to.send(frame);
    return true;
  }

  /** @param within as `Segmenter` has it. */
  private cut(frame: Uint8Array, cut: Cut, within: number): boolean {
    const { gso, csum } = this.counts;
    const size = this.field(at.gso_size);
    if (size === 0) return false;
    if (size * MOST_SEGMENTS < frame.length && !this.to.goesAlong('segments without number')) return false;
    if (!this.segmenter.segment(frame, cut, size, this, within)) return false;
    this.budget.spend(Math.ceil(frame.length / size) * FRAME);
    csum[TX_COUNT.NEEDS_CSUM]!++;
    gso[TX_COUNT.GSO_PACKETS]!++;
    gso[TX_COUNT.GSO_BYTES]! += frame.length;
    return true;
  }

  private tell(queue: number, chain: Chain, frame: Uint8Array, events: NetEvents): void {
    const { sent, mode } = this;
    const { bytes } = this.packet;
    const low = mode.little ? 0 : 1;
    const high = 1 - low;
    sent.frame = frame;
    sent.flags = bytes[at.flags]!;
    sent.gsoType = bytes[at.gso_type]!;
    sent.hdrLen = bytes[at.hdr_len + low]! | (bytes[at.hdr_len + high]! << 8);
    sent.gsoSize = bytes[at.gso_size + low]! | (bytes[at.gso_size + high]! << 8);
    sent.csumStart = bytes[at.csum_start + low]! | (bytes[at.csum_start + high]! << 8);
    sent.csumOffset = bytes[at.csum_offset + low]! | (bytes[at.csum_offset + high]! << 8);
    const counts = mode.headerSize !== NET_HDR_SIZE.legacy;
    sent.numBuffers = counts ? bytes[at.num_buffers + low]! | (bytes[at.num_buffers + high]! << 8) : 0;
    sent.hash = mode.headerSize < NET_HDR_SIZE.hash ? 0 : hashBits(bytes);
    const tunnels = mode.headerSize >= NET_HDR_SIZE.tunnel;
    sent.outerTransport = tunnels ? this.field(at.outer_th_offset) : 0;
    sent.innerNetwork = tunnels ? this.field(at.inner_nh_offset) : 0;
    sent.outerNetwork = mode.headerSize === NET_HDR_SIZE.outer ? this.field(at.outer_nh_offset) : 0;
    events.sends(queue, chain, sent);
  }

  /** A 16-bit field of the header, in the guest's byte order. */
  private field(offset: number): number {
    const { bytes, headerAt } = this;
    const low = this.mode.little ? 0 : 1;
    return bytes[headerAt + offset + low]! | (bytes[headerAt + offset + 1 - low]! << 8);
  }
}

/** The header at `from` asks for no sum and no cut. */
function isPlain(bytes: Uint8Array, from: number): boolean {
  return (bytes[from + at.flags]! | bytes[from + at.gso_type]!) === 0;
}

function isLonger(frame: Uint8Array, mtu: number): boolean {
  return frame.length > ETHERNET_HEADER + mtu && payloadOf(frame) > mtu;
}

/** Fields between num_buffers and the tunnel's. */
function hashBits(header: Uint8Array): number {
  let bits = 0;
  for (let i = NET_HDR_SIZE.mergeable; i < NET_HDR_SIZE.hash; i++) bits |= header[i]!;
  return bits;
}
