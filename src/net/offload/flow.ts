import { get16, get32, put16 } from '../frame/big-endian.ts';
import { pseudoSum } from '../frame/checksum.ts';
import {
  ethernet,
  FLAGS_FRAGMENT,
  ipv4,
  ipv6,
  LONGEST_DATAGRAM,
  PROTOCOL,
  TCP_FLAGS,
  tcp,
  udp,
} from '../frame/headers.ts';
import { FrameLayout } from '../frame/layout.ts';
import { equal, same } from '../frame/same.ts';
import type { Coalesced } from './coalesced.ts';
import { putIpLength } from './ip-lengths.ts';

const { DF } = FLAGS_FRAGMENT.mask;
const { PSH, ECE, CWR } = TCP_FLAGS.mask;
const { tos, total_length, identification, flags_fragment, header_checksum, source } = ipv4.offset;
const { version_class_flow, payload_length, next_header } = ipv6.offset;
const { sequence, acknowledgment, flags, window, checksum } = tcp.offset;
const PORTS = 4;
const FIELD = 2;
/** The longest frame that drivers have buffers for (virtio 1.0, Setting Up Receive Buffers). */
const LONGEST = ethernet.size + LONGEST_DATAGRAM;

/** One connection's segments, or datagrams from one place to another, growing into one large frame. */
export class Flow {
  /** 0: this place is free. */
  segments = 0;
  /** When it began, as a count: the smallest is delivered first. */
  since = 0;
  private readonly bytes = new Uint8Array(LONGEST);
  private length = 0;
  private readonly at = new FrameLayout();
  private gsoSize = 0;
  private duplicates = 0;
  /** By how much the identification grows from segment to segment: 1, or 0 once two had the same. */
  private step = 1;

  /** Whether the frame has this flow's addresses and ports. TCP and UDP have the ports first. */
  owns(frame: Uint8Array, { ip, version, protocol, transport }: FrameLayout): boolean {
    const { at, bytes } = this;
    if (this.segments === 0 || at.version !== version || at.protocol !== protocol) return false;
    const from = version === 4 ? source : ipv6.offset.source;
    const to = version === 4 ? ipv4.size : ipv6.size;
    return (
      equal(frame, ip + from, bytes, at.ip + from, to - from) &&
      equal(frame, transport, bytes, at.transport, PORTS)
    );
  }

  /** False if it is too long to be held. */
  hold(frame: Uint8Array, at: FrameLayout, since: number): boolean {
    if (frame.length > LONGEST) return false;
    this.bytes.set(frame);
    this.length = frame.length;
    this.at.be(at);
    this.gsoSize = frame.length - at.payload;
    this.segments = 1;
    this.duplicates = 0;
    this.since = since;
    return true;
  }

  /** Whether the frame, which `mayJoin`, continues what is held. */
  continues(frame: Uint8Array, at: FrameLayout): boolean {
    const more = frame.length - at.payload;
    if (at.payload !== this.at.payload || at.ip !== this.at.ip || more > this.gsoSize) return false;
    if ((more === 0) !== (this.gsoSize === 0) || this.length + more > LONGEST) return false;
    if (!this.sameIp(frame)) return false;
    if (at.protocol === PROTOCOL.UDP) return this.followsIdentification(frame);
    return this.continuesTcp(frame) && (more === 0 || this.followsIdentification(frame));
  }

  /** Takes in a frame that `continues` this flow. */
  append(frame: Uint8Array): void {
    const { bytes } = this;
    const { ip, version, transport, payload, protocol } = this.at;
    this.segments++;
    if (this.gsoSize === 0) {
      this.duplicates++;
      return;
    }
    if (this.segments === 2 && version === 4)
      this.step = get16(frame, ip + identification) === get16(bytes, ip + identification) ? 0 : 1;
    bytes.set(frame.subarray(payload), this.length);
    if (protocol === PROTOCOL.TCP) bytes[transport + flags]! |= frame[transport + flags]!;
    this.length += frame.length - payload;
  }

  /** Nothing may follow a pushed or a short segment: it ends what its sender had to say. */
  closedBy(frame: Uint8Array, { transport, payload, protocol }: FrameLayout): boolean {
    const pushed = protocol === PROTOCOL.TCP && (frame[transport + flags]! & PSH) !== 0;
    return pushed || frame.length - payload < this.gsoSize;
  }

  /** Sets the lengths and sums right, describes the frame in `into`, and frees the place. */
  release(into: Coalesced): void {
    const { bytes, length, at } = this;
    const { transport, payload, protocol, version } = at;
    const isTcp = protocol === PROTOCOL.TCP;
    const large = this.segments > 1 && this.gsoSize > 0;
    const field = isTcp ? checksum : udp.offset.checksum;
    if (large) {
      putIpLength(bytes, at, transport, length);
      if (!isTcp) put16(bytes, transport + udp.offset.length, length - transport);
      put16(bytes, transport + field, pseudoSum(bytes, at, length - transport));
    }
    into.frame = bytes.subarray(0, length);
    into.segments = this.segments;
    into.cut = !large ? null : !isTcp ? 'UDP_L4' : version === 4 ? 'TCPV4' : 'TCPV6';
    into.gsoSize = large ? this.gsoSize : 0;
    into.headerLength = large ? payload : 0;
    into.csumStart = large ? transport : 0;
    into.csumOffset = large ? field : 0;
    into.ecn = large && isTcp && (bytes[transport + flags]! & (ECE | CWR)) !== 0;
    into.duplicates = this.duplicates;
    into.pieces = null;
    into.sums = 'good';
    this.segments = 0;
  }

  /** All before TCP or UDP but for lengths, identification and sums. */
  private sameIp(frame: Uint8Array): boolean {
    const { bytes } = this;
    const { ip, version } = this.at;
    if (!same(frame, bytes, 0, ip)) return false;
    if (version === 6)
      return (
        same(frame, bytes, ip + version_class_flow, ip + payload_length) &&
        same(frame, bytes, ip + next_header, ip + ipv6.size)
      );
    return (
      same(frame, bytes, ip + tos, ip + total_length) &&
      same(frame, bytes, ip + flags_fragment, ip + header_checksum)
    );
  }

  /** The next of the sequence, with the same of all but sum and PSH; CWR comes with the first alone. */
  private continuesTcp(frame: Uint8Array): boolean {
    const { bytes } = this;
    const { transport, payload } = this.at;
    const expected = get32(bytes, transport + sequence) + this.length - payload;
    const [held, found] = [bytes[transport + flags]!, frame[transport + flags]!];
    return (
      get32(frame, transport + sequence) === expected >>> 0 &&
      (held & ~(PSH | CWR)) === (found & ~PSH) &&
      same(frame, bytes, transport + acknowledgment, transport + flags) &&
      same(frame, bytes, transport + window, transport + checksum) &&
      same(frame, bytes, transport + checksum + FIELD, payload)
    );
  }

  /** One more each time, or always the same, which only a frame that must not be fragmented may have (RFC 6864). */
  private followsIdentification(frame: Uint8Array): boolean {
    const { bytes } = this;
    const { ip, version } = this.at;
    if (version === 6) return true;
    const first = get16(bytes, ip + identification);
    const found = get16(frame, ip + identification);
    const counts = found === ((first + this.segments) & 0xffff);
    const stays = found === first && (get16(bytes, ip + flags_fragment) & DF) !== 0;
    if (this.segments === 1) return counts || stays;
    return this.step === 1 ? counts : stays;
  }
}
