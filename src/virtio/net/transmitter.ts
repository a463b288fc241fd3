import type { Board } from '../../core/board.ts';
import { type Budget, BYTES_SHIFT } from '../../core/budget.ts';
import type { Staging } from '../../core/staging.ts';
import { Views } from '../../core/views.ts';
import type { Wire } from '../../net/backends/wire.ts';
import { LONGEST_FRAME, udp } from '../../net/frame/headers.ts';
import { type Cut, completeChecksum, type FrameSink, Segmenter } from '../../net/offload/index.ts';
import type { Fault } from '../faults/strictness.ts';
import { Batch } from '../queue/batch/batch.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import { type NetEvents, nothingSent } from './events.ts';
import { payloadOf } from './features/filters.ts';
import type { NetFeatures } from './features/index.ts';
import type { QueueCounts } from './features/statistics.ts';
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
interface Sender {
  readonly wire: Wire;
  readonly features: NetFeatures;
  readonly budget: Budget;
  goesAlong(fault: Fault): boolean;
}

/** Takes frames out of a transmit queue, completes offloads, and sends them (virtio 1.4, Packet Transmission). */
export class Transmitter implements FrameSink {
  events: NetEvents | null = null;
  /** Number of pairs on which the driver announced to send. */
  pairs = 1;
  /** Frames are being sent: those that come meanwhile wait. */
  busy = false;
  private readonly card: Sender;
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
  private mode: NetMode;
  /** Bytes of the shortest and of the longest header and frame. */
  private least = 0;
  private most = 0;
  /** Bytes of the longest frame that fits mtu, without tags. */
  private longest = 0;
  /** Bytes of header and frame up to which one goes out as it came, if its header asks for nothing. */
  private plainMost = 0;
  /** The header of the frame at hand, and where in these bytes it begins. */
  private bytes: Uint8Array;
  private headerAt = 0;
  /** State of the current queue; its frames are not sent if it is not in use. */
  private pair = 0;
  private loses = false;
  private counts: QueueCounts | null = null;
  private readonly sent = nothingSent();

  constructor({ memory }: Board, mode: NetMode, card: Sender) {
    this.packet = memory.staging(LONGEST);
    this.bytes = this.packet.bytes;
    this.packetViews = new Views(this.bytes);
    this.batch = new Batch(memory, AT_ONCE);
    this.batchViews = new Views(this.batch.bytes);
    this.segmenter = new Segmenter(memory.staging(LONGEST_FRAME));
    this.card = card;
    this.mode = mode;
    this.take(mode);
  }

  /** Frames are processed in this way from now on. */
  take(mode: NetMode): void {
    this.mode = mode;
    this.least = mode.headerSize + ETHERNET_HEADER;
    this.most = mode.headerSize + TRANSMIT_MAX;
    this.longest = ETHERNET_HEADER + mode.mtu;
    this.plainMost =
      mode.tunnels || mode.tunnelCsum ? 0 : Math.min(mode.headerSize + this.longest, this.most);
  }

  serve(queue: Virtqueue): void {
    const { index } = queue;
    const { budget, features } = this.card;
    const { coalescing } = features;
    this.pair = index >> 1;
    this.loses = this.pair >= this.pairs && !this.card.goesAlong('queue not in use');
    this.counts = features.statistics?.of(index) ?? null;
    this.busy = true;
    while (budget.left > 0) {
      if (this.events === null && this.serveBatch(queue)) continue;
      if (!queue.pop()) break;
      budget.spendOn(queue.chain.count, FRAME_BYTES + Math.min(queue.chain.readableBytes, LONGEST));
      this.sendChain(index, queue.chain);
      queue.push(queue.chain.id, 0);
      coalescing?.passed(index);
    }
    queue.flush();
    coalescing?.published(index);
    this.busy = false;
  }

  /** Sends a batch of chains; false if there is none. */
  private serveBatch(queue: Virtqueue): boolean {
    const { batch, counts } = this;
    const count = queue.take(batch);
    if (count === 0) return false;
    const { budget, features } = this.card;
    const { headerSize } = this.mode;
    if (this.batchViews.bytes !== batch.bytes || this.behind !== headerSize) this.viewBatch(headerSize);
    const most = this.loses ? 0 : this.plainMost;
    for (let i = 0; i < count; i++) {
      const length = batch.readableBytes(i);
      budget.spendOn(batch.buffers(i), FRAME_BYTES + length);
      const slot = batch.slotAt(i);
      if (length < this.least || length > most || !isPlain(batch.bytes, slot)) {
        this.sendSlot(slot, length);
        continue;
      }
      counts?.uncut(false);
      this.emit(this.frameIn(i, slot, length));
      counts?.sent(length - headerSize);
    }
    features.coalescing?.passed(queue.index, count);
    queue.give(batch);
    return true;
  }

  /** Any frame of a batch. */
  private sendSlot(slot: number, length: number): void {
    if (length < this.least || length > this.most) {
      this.counts?.lost(true);
      return;
    }
    this.sendFrame(this.lookAt(this.batchViews, slot, length));
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
    this.counts?.segment(frame.length);
    this.emit(frame);
  }

  /** A frame goes out. */
  private emit(frame: Uint8Array): void {
    const { wire, features } = this.card;
    if (!wire.up) return;
    features.steering?.sent(frame, this.pair);
    wire.onFrame?.(frame, true);
    wire.backend?.send(frame);
  }

  private sendChain(queue: number, chain: Chain): void {
    const { packet, events } = this;
    const length = chain.readableBytes;
    if (length < this.least || length > this.most) {
      events?.drops(queue, chain);
      this.counts?.lost(true);
      return;
    }
    chain.gather(packet);
    if (this.packetViews.bytes !== packet.bytes) this.packetViews = new Views(packet.bytes);
    const frame = this.lookAt(this.packetViews, 0, length);
    if (events !== null) this.tell(queue, chain, frame, events);
    this.sendFrame(frame);
  }

  /** Makes the header at `at` the current frame's, and returns the frame. */
  private lookAt(views: Views, at: number, length: number): Uint8Array {
    this.bytes = views.bytes;
    this.headerAt = at;
    return views.of(at + this.mode.headerSize, at + length);
  }

  private sendFrame(frame: Uint8Array): void {
    if (this.loses || !this.offload(frame)) this.counts?.lost(false);
    else this.counts?.sent(frame.length);
  }

  /** False if nothing was sent. */
  private offload(frame: Uint8Array): boolean {
    const { mode, bytes, headerAt } = this;
    const flags = bytes[headerAt + at.flags]!;
    const gsoType = bytes[headerAt + at.gso_type]!;
    if (mode.tunnels && !isSoundTunnel(flags, gsoType)) return false;
    const type = gsoType & ~ECN;
    const tunnelled = mode.tunnels && (type & EITHER) !== 0;
    const cut = mode.cuts[tunnelled ? type & ~EITHER : type] ?? null;
    if (cut !== null) return this.cut(frame, cut, tunnelled ? this.field(at.inner_nh_offset) : 0);
    const isLonger = frame.length > this.longest && payloadOf(frame) > mode.mtu;
    if (isLonger && !this.card.goesAlong('frame beyond mtu')) return false;
    const open = mode.csum && (flags & NEEDS_CSUM) !== 0;
    this.counts?.uncut(open);
    if (open) completeChecksum(frame, this.field(at.csum_start), this.field(at.csum_offset));
    // The outer checksum, after the inner one is complete.
    if (mode.tunnelCsum && (flags & NET_HDR_UDP_TUNNEL.CSUM) !== 0)
      completeChecksum(frame, this.field(at.outer_th_offset), udp.offset.checksum);
    this.emit(frame);
    return true;
  }

  /** @param within as `Segmenter` has it. */
  private cut(frame: Uint8Array, cut: Cut, within: number): boolean {
    const { card } = this;
    const size = this.field(at.gso_size);
    if (size === 0) return false;
    if (size * MOST_SEGMENTS < frame.length && !card.goesAlong('segments without number')) return false;
    if (!this.segmenter.segment(frame, cut, size, this, within)) return false;
    card.budget.spend(Math.ceil(frame.length / size) * FRAME);
    this.counts?.cut(frame.length);
    return true;
  }

  private tell(queue: number, chain: Chain, frame: Uint8Array, events: NetEvents): void {
    const { bytes, mode, sent } = this;
    sent.frame = frame;
    sent.flags = bytes[at.flags]!;
    sent.gsoType = bytes[at.gso_type]!;
    sent.hdrLen = this.field(at.hdr_len);
    sent.gsoSize = this.field(at.gso_size);
    sent.csumStart = this.field(at.csum_start);
    sent.csumOffset = this.field(at.csum_offset);
    sent.numBuffers = mode.headerSize === NET_HDR_SIZE.legacy ? 0 : this.field(at.num_buffers);
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

/** Fields between num_buffers and the tunnel's. */
function hashBits(header: Uint8Array): number {
  let bits = 0;
  for (let i = NET_HDR_SIZE.mergeable; i < NET_HDR_SIZE.hash; i++) bits |= header[i]!;
  return bits;
}
