import type { Board } from '../../core/board.ts';
import type { Journal } from '../../core/journal.ts';
import { Segments } from '../../core/segments.ts';
import type { Staging } from '../../core/staging.ts';
import { completeChecksum, type FrameSink, Tso4 } from '../../net/offload/index.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import { ETHERNET_HEADER, NET_HDR_F, NET_HDR_GSO, NET_HDR_SIZE, virtio_net_hdr } from './registers.ts';

const { NEEDS_CSUM, DATA_VALID, RSC_INFO } = NET_HDR_F;
const at = virtio_net_hdr.offset;
/** Header, and the longest packet of one IP datagram behind a VLAN tag. */
const LONGEST = NET_HDR_SIZE.mergeable + 18 + 65_535;

/** What was negotiated, as far as sending goes. */
export interface TransmitMode {
  /** Whether the header is little-endian. */
  little: boolean;
  headerSize: number;
  anyLayout: boolean;
  csum: boolean;
  tso4: boolean;
}

/** Takes frames out of a transmit queue, finishes what was offloaded, and sends them on (virtio 1.4, Packet Transmission). */
export class Transmitter {
  readonly mode: TransmitMode = {
    little: true,
    headerSize: NET_HDR_SIZE.legacy,
    anyLayout: false,
    csum: false,
    tso4: false,
  };
  private readonly journal: Journal;
  private readonly to: FrameSink;
  private readonly tso = new Tso4();
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  /** Header and frame of the chain at hand. */
  private readonly packet: Staging;

  constructor({ journal, memory }: Board, to: FrameSink) {
    this.journal = journal;
    this.packet = memory.staging(LONGEST);
    this.to = to;
  }

  serve(queue: Virtqueue, subject: string): void {
    while (queue.pop()) {
      queue.chain.resolve(this.readable, this.writable);
      this.sendChain(queue.chain, subject);
      queue.push(queue.chain.id, 0);
    }
    queue.flush();
  }

  private sendChain(chain: Chain, subject: string): void {
    const { readable, packet, mode } = this;
    const { headerSize } = mode;
    this.journal.check(
      'virtio/NET-IMP-2',
      this.writable.count === 0,
      subject,
      'writable parts in a transmit chain:',
      this.writable.count,
    );
    const length = readable.total;
    const whole = length >= headerSize + ETHERNET_HEADER;
    this.journal.check('virtio/NET-TX-D1', whole, subject, 'bytes in a transmit chain:', length);
    if (!mode.anyLayout) {
      const first = readable.length[0] ?? 0;
      this.journal.check(
        'virtio/NET-FRAME-LEG-D1',
        first === headerSize,
        subject,
        'bytes in the first descriptor:',
        first,
      );
    }
    if (!whole || length > packet.length) return;
    chain.gather(packet);
    this.checkHeader(subject);
    this.offload(packet.bytes.subarray(headerSize, length), subject);
  }

  private offload(frame: Uint8Array, subject: string): void {
    const { mode } = this;
    const { bytes } = this.packet;
    const gso = bytes[at.gso_type]! & ~NET_HDR_GSO.ECN;
    if (mode.tso4 && gso === NET_HDR_GSO.TCPV4) {
      const size = this.field(at.gso_size);
      const cut = size > 0 && this.tso.segment(frame, size, this.to);
      this.journal.check(
        'virtio/NET-IMP-7',
        cut,
        subject,
        'a frame that is no TCP over IPv4 was to be cut to',
        size,
      );
      return;
    }
    if (mode.csum && (bytes[at.flags]! & NEEDS_CSUM) !== 0) {
      const start = this.field(at.csum_start);
      const done = completeChecksum(frame, start, this.field(at.csum_offset));
      this.journal.check(
        'virtio/NET-TX-D22',
        done,
        subject,
        'the checksum lies outside the frame; csum_start is',
        start,
      );
    }
    this.to.send(frame);
  }

  private checkHeader(subject: string): void {
    const { mode } = this;
    const { bytes } = this.packet;
    const flags = bytes[at.flags]!;
    const gso = bytes[at.gso_type]! & ~NET_HDR_GSO.ECN;
    if (!mode.csum)
      this.journal.check('virtio/NET-TX-D3', flags === 0, subject, 'without CSUM, flags are', flags);
    this.journal.check(
      'virtio/NET-TX-D33',
      (flags & (DATA_VALID | RSC_INFO)) === 0,
      subject,
      'flags are',
      flags,
    );
    if (mode.headerSize === NET_HDR_SIZE.mergeable) {
      const buffers = this.field(at.num_buffers);
      this.journal.check('virtio/NET-TX-D2', buffers === 0, subject, 'num_buffers is', buffers);
    }
    if (!mode.tso4)
      this.journal.check(
        'virtio/NET-TX-D5',
        gso !== NET_HDR_GSO.TCPV4,
        subject,
        'without HOST_TSO4, gso_type is',
        gso,
      );
    this.journal.check(
      'virtio/NET-TX-D6',
      gso !== NET_HDR_GSO.TCPV6,
      subject,
      'without HOST_TSO6, gso_type is',
      gso,
    );
    this.journal.check(
      'virtio/NET-TX-D7',
      gso !== NET_HDR_GSO.UDP,
      subject,
      'without HOST_UFO, gso_type is',
      gso,
    );
    if (gso === NET_HDR_GSO.NONE) return;
    this.journal.check(
      'virtio/NET-TX-D24',
      (flags & NEEDS_CSUM) !== 0,
      subject,
      'of a GSO frame, flags are',
      flags,
    );
    const size = this.field(at.gso_size);
    this.journal.check('virtio/NET-TX-D25', size !== 0, subject, 'of a GSO frame, gso_size is', size);
  }

  /** A 16-bit field of the header, in the guest's byte order. */
  private field(offset: number): number {
    const { bytes } = this.packet;
    const low = this.mode.little ? 0 : 1;
    return bytes[offset + low]! | (bytes[offset + 1 - low]! << 8);
  }
}
