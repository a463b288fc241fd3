import { get16, get32, put16, put32 } from '../../core/big-endian.ts';
import { setBytes } from '../../core/set-bytes.ts';
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
import { FrameLayout, findEnd } from '../frame/layout.ts';
import { equal, same } from '../frame/same.ts';
import type { Coalesced } from './coalesced.ts';
import { putIpLength } from './ip-lengths.ts';

const { PSH, ECE, CWR } = TCP_FLAGS.mask;
const { sequence, flags, checksum } = tcp.offset;
const PORTS = 4;
/** The longest frame that drivers have buffers for (virtio 1.0, Setting Up Receive Buffers). */
const LONGEST = ethernet.size + LONGEST_DATAGRAM;

const { DF } = FLAGS_FRAGMENT.mask;
const { total_length, identification, flags_fragment, header_checksum } = ipv4.offset;
const { payload_length } = ipv6.offset;

/** Bytes before a frame: its headers lie on words then, and are compared by them. */
export const LEAD = 2;
/** More than the headers of a tunnel with all options of GENEVE, and of what it carries. */
export const HEADER_BYTES = 512;
const WORD = 4;

/** A run of packets with headers that are equal but for lengths, identification, checksums, and where TCP counts. */
class IpRun {
  /** For each packet. */
  readonly at = new FrameLayout();
  /** Increment of the identification from packet to packet: 1, or 0 once two had the same. */
  private step = 1;

  /** @param equal gets 0 for bytes that need not be equal. */
  begin(at: FrameLayout, equal: Uint8Array): void {
    this.at.be(at);
    this.step = 1;
    const { ip, version, transport, protocol } = at;
    if (version === 4) {
      equal.fill(0, ip + total_length, ip + flags_fragment);
      put16(equal, ip + header_checksum, 0);
    } else put16(equal, ip + payload_length, 0);
    if (protocol === PROTOCOL.UDP) equal.fill(0, transport + udp.offset.length, transport + udp.size);
    else {
      put32(equal, transport + sequence, 0);
      equal[transport + flags] = 0;
      put16(equal, transport + checksum, 0);
    }
  }

  /** Counts up by one, or is constant, which only an unfragmentable packet may have (RFC 6864). */
  isNext(frame: Uint8Array, first: Uint8Array, count: number): boolean {
    const { ip, version } = this.at;
    if (version === 6) return true;
    const began = get16(first, ip + identification);
    const found = get16(frame, ip + identification);
    const counts = found === ((began + count) & 0xffff);
    const stays = found === began && (get16(first, ip + flags_fragment) & DF) !== 0;
    if (count === 1) return counts || stays;
    return this.step === 1 ? counts : stays;
  }

  /** The second packet decides whether the identification counts up. */
  second(frame: Uint8Array, first: Uint8Array): void {
    const { ip, version } = this.at;
    if (version === 4)
      this.step = get16(frame, ip + identification) === get16(first, ip + identification) ? 0 : 1;
  }
}

/** Segments of a connection, or datagrams between the same ports, growing into one large frame. */
export class Flow {
  /** 0: this slot is free. */
  segments = 0;
  /** When it began, as a count: the smallest is delivered first. */
  since = 0;
  private readonly words = new Int32Array(Math.ceil((LEAD + LONGEST) / WORD));
  private readonly bytes = new Uint8Array(this.words.buffer, LEAD, LONGEST);
  /** Which bits of `words` are equal in each frame. */
  private readonly equal = new Int32Array(HEADER_BYTES / WORD);
  private readonly equalBytes = new Uint8Array(this.equal.buffer, LEAD);
  private length = 0;
  private readonly run = new IpRun();
  /** The outer headers of each packet in a tunnel over UDP. */
  private readonly outer = new IpRun();
  private tunnelled = false;
  private gsoSize = 0;
  private duplicates = 0;

  /** Where the headers are in each frame, and where its last one ended. */
  get at(): FrameLayout {
    return this.run.at;
  }

  /** The same for what is around a packet in a tunnel. */
  get around(): FrameLayout | null {
    return this.tunnelled ? this.outer.at : null;
  }

  /**
   * Whether a frame, which `words` begins with, has this flow's headers, but for fields that count or depend on its payload.
   * `at` and `around` are those of the frame then.
   */
  isAlike(frame: Uint8Array, words: Int32Array): boolean {
    const { words: own, equal, at } = this;
    if (this.segments === 0 || frame.length < at.payload || frame.length > LONGEST) return false;
    const end = (LEAD + at.payload + WORD - 1) >> 2;
    for (let i = 0; i < end; i++) if (((words[i]! ^ own[i]!) & equal[i]!) !== 0) return false;
    findEnd(frame, at);
    if (this.tunnelled) findEnd(frame, this.outer.at);
    return true;
  }

  /** Whether the frame has this flow's addresses and ports, in its tunnel. TCP and UDP have the ports first. */
  owns(
    frame: Uint8Array,
    { ip, version, protocol, transport }: FrameLayout,
    around: FrameLayout | null,
  ): boolean {
    const { bytes, tunnelled } = this;
    const { at } = this.run;
    if (this.segments === 0 || at.version !== version || at.protocol !== protocol) return false;
    if (tunnelled !== (around !== null) || (around !== null && !this.isOfTunnel(frame, ip, around)))
      return false;
    const from = version === 4 ? ipv4.offset.source : ipv6.offset.source;
    const to = version === 4 ? ipv4.size : ipv6.size;
    return (
      equal(frame, ip + from, bytes, at.ip + from, to - from) &&
      equal(frame, transport, bytes, at.transport, PORTS)
    );
  }

  /** False if the frame is too long to be held. */
  hold(frame: Uint8Array, at: FrameLayout, around: FrameLayout | null, since: number): boolean {
    if (frame.length > LONGEST) return false;
    const { equalBytes } = this;
    this.bytes.set(frame);
    this.length = frame.length;
    equalBytes.fill(0xff, 0, at.payload).fill(0, at.payload, at.payload + WORD);
    this.run.begin(at, equalBytes);
    this.tunnelled = around !== null;
    if (around !== null) this.outer.begin(around, equalBytes);
    this.gsoSize = frame.length - at.payload;
    this.segments = 1;
    this.duplicates = 0;
    this.since = since;
    return true;
  }

  /** Whether a frame that `isAlike`, and which `mayJoin`, continues this flow. */
  continues(frame: Uint8Array): boolean {
    const { bytes, run, segments } = this;
    const more = frame.length - run.at.payload;
    if (more > this.gsoSize || (more === 0) !== (this.gsoSize === 0) || this.length + more > LONGEST)
      return false;
    if (this.tunnelled && !this.continuesAround(frame)) return false;
    if (run.at.protocol === PROTOCOL.UDP) return run.isNext(frame, bytes, segments);
    return this.continuesTcp(frame) && (more === 0 || run.isNext(frame, bytes, segments));
  }

  /** Appends a frame that `continues` this flow. @param more its payload. */
  append(frame: Uint8Array, more: Uint8Array): void {
    const { bytes, run } = this;
    const { transport, protocol } = run.at;
    this.segments++;
    if (this.gsoSize === 0) {
      this.duplicates++;
      return;
    }
    if (this.segments === 2) {
      run.second(frame, bytes);
      if (this.tunnelled) this.outer.second(frame, bytes);
    }
    setBytes(bytes, more, this.length);
    if (protocol === PROTOCOL.TCP) bytes[transport + flags]! |= frame[transport + flags]!;
    this.length += more.length;
  }

  /** Nothing may follow a pushed or a shorter segment, which ends the sender's data. */
  closedBy(frame: Uint8Array, { transport, payload, protocol }: FrameLayout): boolean {
    const pushed = protocol === PROTOCOL.TCP && (frame[transport + flags]! & PSH) !== 0;
    return pushed || frame.length - payload < this.gsoSize;
  }

  /** Sets the lengths and checksums, describes the frame in `into`, and frees the slot. */
  release(into: Coalesced): void {
    const { bytes, length, tunnelled } = this;
    const { at } = this.run;
    const { transport, payload, protocol, version } = at;
    const isTcp = protocol === PROTOCOL.TCP;
    const large = this.segments > 1 && this.gsoSize > 0;
    const field = isTcp ? checksum : udp.offset.checksum;
    const summed = tunnelled && this.isSummedAround(bytes);
    if (large) {
      finish(bytes, at, field, length);
      if (tunnelled) finish(bytes, this.outer.at, summed ? udp.offset.checksum : 0, length);
    }
    into.frame = bytes.subarray(0, length);
    into.segments = this.segments;
    into.cut = !large ? null : !isTcp ? 'UDP_L4' : version === 4 ? 'TCPV4' : 'TCPV6';
    into.gsoSize = large ? this.gsoSize : 0;
    into.headerLength = large ? payload : 0;
    into.csumStart = large ? transport : 0;
    into.csumOffset = large ? field : 0;
    into.within = large && tunnelled ? at.ip : 0;
    into.outerTransport = large && tunnelled ? this.outer.at.transport : 0;
    into.outerOpen = large && summed;
    into.ecn = large && isTcp && (bytes[transport + flags]! & (ECE | CWR)) !== 0;
    into.duplicates = this.duplicates;
    into.pieces = null;
    into.sums = tunnelled && !summed ? 'none' : 'good';
    this.segments = 0;
  }

  /** Same tunnel header, and same inner link header, between outer UDP and the packet. */
  private isOfTunnel(frame: Uint8Array, ip: number, { payload }: FrameLayout): boolean {
    const { outer, run, bytes } = this;
    return payload === outer.at.payload && ip === run.at.ip && same(frame, bytes, payload, ip);
  }

  private continuesAround(frame: Uint8Array): boolean {
    const { bytes, outer, segments } = this;
    return outer.isNext(frame, bytes, segments) && this.isSummedAround(frame) === this.isSummedAround(bytes);
  }

  private isSummedAround(frame: Uint8Array): boolean {
    return get16(frame, this.outer.at.transport + udp.offset.checksum) !== 0;
  }

  /** The next in sequence, with the same flags but PSH; CWR only on the first. */
  private continuesTcp(frame: Uint8Array): boolean {
    const { bytes } = this;
    const { transport, payload } = this.run.at;
    const expected = get32(bytes, transport + sequence) + this.length - payload;
    const [held, found] = [bytes[transport + flags]!, frame[transport + flags]!];
    return get32(frame, transport + sequence) === expected >>> 0 && (held & ~(PSH | CWR)) === (found & ~PSH);
  }
}

/** Lengths of a large frame's headers, and the pseudo-header's sum in the checksum field; a field of 0 stays. */
function finish(frame: Uint8Array, at: FrameLayout, field: number, length: number): void {
  const { transport, protocol } = at;
  putIpLength(frame, at, transport, length);
  if (protocol === PROTOCOL.UDP) put16(frame, transport + udp.offset.length, length - transport);
  if (field !== 0) put16(frame, transport + field, pseudoSum(frame, at, length - transport));
}
