import { put16 } from '../../core/big-endian.ts';
import type { Nanos } from '../../core/bits.ts';
import { internetSum, pseudoSum } from '../frame/checksum.ts';
import { FragmentPlace, findFragment } from '../frame/fragment.ts';
import { IPV6_EXTENSION, ipv4, LONGEST_FRAME, PROTOCOL, udp } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';
import { blank, type Coalesced } from './coalesced.ts';
import { Datagram } from './datagram.ts';
import { putIpLength } from './ip-lengths.ts';
import { sumsOf } from './joins.ts';

const { AUTHENTICATION, DESTINATION } = IPV6_EXTENSION;
const { flags_fragment } = ipv4.offset;
/** Timeout, the initial value of RFC 791, section 3.2. */
const WAIT: Nanos = 15_000_000_000;
const DATAGRAMS = 16;
const TAGS = 1;
/** IEEE 802.3's minimum frame length, with a tag: a longer frame has no padding. */
const PADDED_MOST = 64;
/** The unit that all fragments but the last are multiples of. */
const EIGHTS = ~7;
const RIGHT = 0xffff;

/** Receives delivered frames. The record and its frame are reused: copy what you keep. */
interface ReassembledSink {
  /** A reassembled UDP datagram. */
  deliver(packet: Coalesced): void;
  /** A fragment, unchanged. */
  pass(frame: Uint8Array): void;
}

/**
 * Reassembles fragments of UDP datagrams over IPv4 and IPv6 (RFC 791, section 3.2; RFC 8200, section 4.5), in any
 * order, into the large frame that a guest could have sent itself.
 *
 * A reassembled datagram has a valid checksum, the same headers in all fragments, and no more bytes than a guest has
 * buffers for. All other fragments are delivered unchanged, in order: if parts overlap, if one is missing after 15
 * seconds, or if there are more datagrams than slots, when the oldest is given up.
 *
 * @example
 * const reassembler = new Reassembler({ deliver: ({ frame, gsoSize }) => …, pass: (fragment) => … });
 * reassembler.take(first, now);        // true: held
 * reassembler.take(last, now);         // true: deliver() was called
 * reassembler.take(other, now);        // false: no UDP fragment; process it otherwise
 * reassembler.giveUp(reassembler.due); // pass() for each fragment that timed out
 */
export class Reassembler {
  private readonly to: ReassembledSink;
  /** Datagrams in progress, the oldest first. */
  private readonly open: Datagram[] = [];
  private readonly spare: Datagram[] = [];
  private readonly layout = new FrameLayout();
  private readonly place = new FragmentPlace();
  private readonly packet = blank();
  /** Made when a datagram is complete: most cards see none. */
  private scratch: Uint8Array | null = null;

  constructor(to: ReassembledSink) {
    this.to = to;
  }

  /** When the oldest times out; Infinity if there is none. */
  get due(): Nanos {
    return this.open[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Takes a frame from the wire: holds a copy, or returns false if it is no fragment to hold. */
  take(frame: Uint8Array, now: Nanos): boolean {
    const { layout, place } = this;
    findHeaders(frame, layout);
    if (!layout.fragment || layout.tags > TAGS || !findFragment(frame, layout, place)) return false;
    if (!mayHold(frame, layout, place)) return false;
    const datagram = this.datagramOf(frame) ?? this.begin(frame, now);
    if (datagram.odd) return false;
    const added = datagram.add(frame, place);
    if (added === 'odd') {
      datagram.odd = true;
      this.passAll(datagram);
      return false;
    }
    if (added === 'whole') this.finish(datagram);
    return true;
  }

  /** Delivers unchanged the fragments that have timed out. */
  giveUp(now: Nanos): void {
    while (this.due <= now) this.drop(this.open[0]!);
  }

  /** The same for all. */
  flush(): void {
    this.giveUp(Number.MAX_VALUE);
  }

  private datagramOf(frame: Uint8Array): Datagram | undefined {
    for (let i = 0; i < this.open.length; i++)
      if (this.open[i]!.owns(frame, this.layout, this.place)) return this.open[i];
    return undefined;
  }

  private begin(frame: Uint8Array, now: Nanos): Datagram {
    if (this.open.length === DATAGRAMS) this.drop(this.open[0]!);
    const datagram = this.spare.pop() ?? new Datagram();
    datagram.begin(frame, this.layout, this.place, now + WAIT);
    this.open.push(datagram);
    return datagram;
  }

  private drop(datagram: Datagram): void {
    this.open.splice(this.open.indexOf(datagram), 1);
    this.spare.push(datagram);
    this.passAll(datagram);
  }

  private passAll(datagram: Datagram): void {
    for (const frame of datagram.takeFrames()) this.to.pass(frame);
  }

  private finish(datagram: Datagram): void {
    this.scratch ??= new Uint8Array(LONGEST_FRAME);
    const length = datagram.assemble(this.scratch);
    const frame = this.scratch.subarray(0, Math.max(0, length));
    if (length > 0 && this.describe(frame, datagram)) {
      this.packet.pieces = datagram.takeFrames();
      this.to.deliver(this.packet);
    }
    this.drop(datagram);
  }

  /** Sets lengths and checksums; false if it is no UDP datagram with a valid checksum. */
  private describe(frame: Uint8Array, { longest, headers, count }: Datagram): boolean {
    const { layout, packet } = this;
    if (layout.version === 4) put16(frame, layout.ip + flags_fragment, 0);
    putIpLength(frame, layout, headers, frame.length);
    findHeaders(frame, layout);
    if (layout.protocol !== PROTOCOL.UDP || sumsOf(frame, layout) !== 'good') return false;
    const { transport, payload } = layout;
    put16(frame, transport + udp.offset.checksum, pseudoSum(frame, layout, frame.length - transport));
    packet.frame = frame;
    packet.segments = count;
    packet.cut = 'UDP';
    packet.gsoSize = longest & EIGHTS;
    packet.headerLength = payload;
    packet.csumStart = transport;
    packet.csumOffset = udp.offset.checksum;
    packet.sums = 'good';
    return true;
  }
}

function mayHold(frame: Uint8Array, { ip, version }: FrameLayout, place: FragmentPlace): boolean {
  const { carries, headers, to } = place;
  if (to < frame.length && frame.length > PADDED_MOST) return false;
  if (version === 4) return carries === PROTOCOL.UDP && internetSum(frame, ip, headers) === RIGHT;
  return carries === PROTOCOL.UDP || carries === DESTINATION || carries === AUTHENTICATION;
}
