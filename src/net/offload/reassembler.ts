import type { Nanos } from '../../core/bits.ts';
import { put16 } from '../frame/big-endian.ts';
import { internetSum, pseudoSum } from '../frame/checksum.ts';
import { FragmentPlace, findFragment } from '../frame/fragment.ts';
import { IPV6_EXTENSION, ipv4, LONGEST_FRAME, PROTOCOL, udp } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';
import { blank, type Coalesced } from './coalesced.ts';
import { Datagram } from './datagram.ts';
import { putIpLength } from './ip-lengths.ts';
import { sumsOf } from './may-join.ts';

const { AUTHENTICATION, DESTINATION } = IPV6_EXTENSION;
const { flags_fragment } = ipv4.offset;
/** As RFC 791 begins with, section 3.2. */
const WAIT: Nanos = 15_000_000_000;
const DATAGRAMS = 16;
const TAGS = 1;
/** What has padding is no longer: IEEE 802.3's least, behind a tag. */
const PADDED_MOST = 64;
/** What fragments have in common that are cut in eights. */
const EIGHTS = ~7;
const RIGHT = 0xffff;

/** Where frames go on to. The record and its frame are reused: copy what you keep. */
interface ReassembledSink {
  /** A datagram of UDP that was put together. */
  deliver(packet: Coalesced): void;
  /** A fragment, as it came. */
  pass(frame: Uint8Array): void;
}

/**
 * Puts fragments of UDP datagrams over IPv4 and IPv6 together again (RFC 791, section 3.2; RFC 8200, section 4.5), in
 * whatever order they come, into the large frame that a guest could have sent itself for them.
 *
 * What is put together has a checksum that held, headers that are the same in all fragments, and no more bytes than a
 * guest has buffers for. Fragments of all else go on as they came, in their order: where parts overlap, where one has not
 * come for 15 seconds, where more datagrams are under way than there are places, and the oldest gives way.
 *
 * @example
 * const reassembler = new Reassembler({ deliver: ({ frame, gsoSize }) => …, pass: (fragment) => … });
 * reassembler.take(first, now);        // true: held
 * reassembler.take(last, now);         // true: deliver() was called
 * reassembler.take(other, now);        // false: no fragment of UDP, go on with it
 * reassembler.giveUp(reassembler.due); // pass() of what has waited for too long
 */
export class Reassembler {
  private readonly to: ReassembledSink;
  /** Under way, the oldest first. */
  private readonly open: Datagram[] = [];
  private readonly spare: Datagram[] = [];
  private readonly layout = new FrameLayout();
  private readonly place = new FragmentPlace();
  private readonly packet = blank();
  /** Made when a datagram is whole: most cards see none. */
  private scratch: Uint8Array | null = null;

  constructor(to: ReassembledSink) {
    this.to = to;
  }

  /** When the oldest is to be given up; Infinity if there is none. */
  get due(): Nanos {
    return this.open[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Takes a frame from the wire: holds a copy, or is false where the frame goes its way. */
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

  /** Hands on as they came the fragments of what was due by now. */
  giveUp(now: Nanos): void {
    while (this.due <= now) this.drop(this.open[0]!);
  }

  /** The same of all. */
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

  /** Sets lengths and sums right; false if it is no datagram of UDP whose sum holds. */
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
