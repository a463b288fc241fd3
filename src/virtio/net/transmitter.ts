import type { Board } from '../../core/board.ts';
import type { Staging } from '../../core/staging.ts';
import { completeChecksum, type FrameSink, Tso4 } from '../../net/offload/index.ts';
import { type Budget, BYTES_SHIFT } from '../budget/budget.ts';
import type { Fault } from '../faults/strictness.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import type { NetEvents } from './events.ts';
import type { NetMode } from './mode.ts';
import { ETHERNET_HEADER, NET_HDR_F, NET_HDR_GSO, NET_HDR_SIZE, virtio_net_hdr } from './registers.ts';

const { NEEDS_CSUM } = NET_HDR_F;
const { ECN, TCPV4 } = NET_HDR_GSO;
const at = virtio_net_hdr.offset;
/** Header, and the longest packet of one IP datagram behind a VLAN tag. */
const LONGEST = NET_HDR_SIZE.outer + 18 + 65_535;

/** The most segments that one frame is cut into: all that pieces of 8 bytes can need, the least fragment of RFC 791. */
const MOST_SEGMENTS = 8192;

/** Bytes that could be moved while a frame is sent; and what it takes of the budget to make one of a larger frame. */
const FRAME_BYTES = 12 << BYTES_SHIFT;
const FRAME = 96;

/** The card that sends. */
interface Sender extends FrameSink {
  goesAlong(fault: Fault): boolean;
}

/** Takes frames out of a transmit queue, finishes what was offloaded, and sends them on (virtio 1.4, Packet Transmission). */
export class Transmitter {
  mode: NetMode;
  events: NetEvents | null = null;
  private readonly to: Sender;
  private readonly budget: Budget;
  private readonly tso = new Tso4();
  /** Header and frame of the chain at hand. */
  private readonly packet: Staging;

  constructor({ memory }: Board, mode: NetMode, to: Sender, budget: Budget) {
    this.budget = budget;
    this.packet = memory.staging(LONGEST);
    this.mode = mode;
    this.to = to;
  }

  serve(queue: Virtqueue): void {
    const { budget } = this;
    while (budget.left > 0 && queue.pop()) {
      budget.spendOn(queue.chain, FRAME_BYTES + Math.min(queue.chain.readableBytes, LONGEST));
      this.sendChain(queue.index, queue.chain);
      queue.push(queue.chain.id, 0);
    }
    queue.flush();
  }

  private sendChain(queue: number, chain: Chain): void {
    const { packet, events } = this;
    const { headerSize } = this.mode;
    const length = chain.readableBytes;
    if (length < headerSize + ETHERNET_HEADER || length > packet.length) {
      events?.drops(queue, chain);
      return;
    }
    chain.gather(packet);
    if (events !== null) this.tell(queue, chain, events);
    this.offload(queue, packet.bytes.subarray(headerSize, length));
  }

  private offload(queue: number, frame: Uint8Array): void {
    const { mode, events } = this;
    const { bytes } = this.packet;
    if (mode.tso4 && (bytes[at.gso_type]! & ~ECN) === TCPV4) {
      const size = this.field(at.gso_size);
      if (size > 0 && size * MOST_SEGMENTS < frame.length && !this.to.goesAlong('segments without number'))
        return;
      const done = size > 0 && this.tso.segment(frame, size, this.to);
      if (done) this.budget.spend(Math.ceil(frame.length / size) * FRAME);
      events?.segmented(queue, size, done);
      return;
    }
    if (mode.csum && (bytes[at.flags]! & NEEDS_CSUM) !== 0) {
      const start = this.field(at.csum_start);
      const done = completeChecksum(frame, start, this.field(at.csum_offset));
      events?.summed(queue, start, done);
    }
    this.to.send(frame);
  }

  private tell(queue: number, chain: Chain, events: NetEvents): void {
    const { bytes } = this.packet;
    const buffers = this.mode.headerSize === NET_HDR_SIZE.legacy ? 0 : this.field(at.num_buffers);
    events.sends(queue, chain, bytes[at.flags]!, bytes[at.gso_type]!, this.field(at.gso_size), buffers);
  }

  /** A 16-bit field of the header, in the guest's byte order. */
  private field(offset: number): number {
    const { bytes } = this.packet;
    const low = this.mode.little ? 0 : 1;
    return bytes[offset + low]! | (bytes[offset + 1 - low]! << 8);
  }
}
