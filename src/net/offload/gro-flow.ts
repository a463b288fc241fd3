import { get16, get32, put16 } from '../frame/big-endian.ts';
import { internetChecksum, internetSum, pseudoSum4 } from '../frame/checksum.ts';
import {
  FLAGS_FRAGMENT,
  ipv4,
  LONGEST_DATAGRAM,
  LONGEST_FRAME,
  PROTOCOL,
  TCP_FLAGS,
  tcp,
} from '../frame/headers.ts';
import type { FrameLayout } from '../frame/layout.ts';

const { DF } = FLAGS_FRAGMENT.mask;
const { ACK, PSH } = TCP_FLAGS.mask;
const { version_ihl, tos, total_length, identification, flags_fragment, header_checksum, source } =
  ipv4.offset;
const { sequence, acknowledgment, flags, window, checksum } = tcp.offset;

/** Version 4, five words: no IP options. */
const PLAIN_IPV4 = 0x45;

/** A frame as receive coalescing hands it on; the record and the frame are reused: copy what you keep. */
export interface Coalesced {
  frame: Uint8Array;
  /** How many frames it was made of; 1: it is as it came, and the other numbers are 0. */
  segments: number;
  /** Payload bytes of each segment but the last, which may be shorter. */
  gsoSize: number;
  /** Bytes before the payload. */
  headerLength: number;
  /** Where the sum begins and where, from there, its field lies; the field holds the pseudo-header's sum. */
  csumStart: number;
  csumOffset: number;
}

/** Whether a TCP frame may be coalesced at all: plain headers, payload, right length and checksums. */
export function mayCoalesce(frame: Uint8Array, { ip, transport, payload, fragment }: FrameLayout): boolean {
  if (fragment || frame[ip + version_ihl] !== PLAIN_IPV4) return false;
  if (get16(frame, ip + total_length) !== frame.length - ip || payload === frame.length) return false;
  if ((frame[transport + flags]! & ~PSH) !== ACK) return false;
  if (internetSum(frame, ip, transport) !== 0xffff) return false;
  const pseudo = pseudoSum4(frame, ip, PROTOCOL.TCP, frame.length - transport);
  return internetSum(frame, transport, frame.length, pseudo) === 0xffff;
}

/** One TCP connection's segments, growing into one large frame. */
export class GroFlow {
  /** 0: this place is free. */
  segments = 0;
  /** When it began, as a count: the smallest is delivered first. */
  since = 0;
  private readonly bytes = new Uint8Array(LONGEST_FRAME);
  private length = 0;
  private ip = 0;
  private transport = 0;
  private payload = 0;
  private gsoSize = 0;
  /** By how much the identification grows from segment to segment: 1, or 0 once two had the same. */
  private step = 1;

  /** Whether the frame has this flow's addresses and ports. Both TCP headers follow the addresses at once. */
  owns(frame: Uint8Array, at: FrameLayout): boolean {
    if (this.segments === 0) return false;
    return (
      equal(frame, at.ip + source, this.bytes, this.ip + source, 8) &&
      equal(frame, at.transport, this.bytes, this.transport, 4)
    );
  }

  hold(frame: Uint8Array, at: FrameLayout, since: number): void {
    this.bytes.set(frame);
    this.length = frame.length;
    this.ip = at.ip;
    this.transport = at.transport;
    this.payload = at.payload;
    this.gsoSize = frame.length - at.payload;
    this.segments = 1;
    this.since = since;
  }

  /** Whether the frame, which `mayCoalesce`, continues what is held. */
  continues(frame: Uint8Array, at: FrameLayout): boolean {
    const { bytes, ip, transport, payload } = this;
    const more = frame.length - at.payload;
    if (at.payload !== payload || more > this.gsoSize) return false;
    if (this.length - ip + more > LONGEST_DATAGRAM) return false;
    const expected = get32(bytes, transport + sequence) + this.length - payload;
    return (
      get32(frame, transport + sequence) === expected >>> 0 &&
      this.sameHeaders(frame) &&
      this.followsIdentification(frame)
    );
  }

  /** Takes in a frame that `continues` this flow. */
  append(frame: Uint8Array): void {
    const { bytes, ip, transport, payload } = this;
    if (this.segments === 1)
      this.step = get16(frame, ip + identification) === get16(bytes, ip + identification) ? 0 : 1;
    bytes.set(frame.subarray(payload), this.length);
    bytes[transport + flags]! |= frame[transport + flags]!;
    this.length += frame.length - payload;
    this.segments++;
  }

  /** Nothing may follow a pushed or a short segment: it ends what its sender had to say. */
  closedBy(frame: Uint8Array, { transport, payload }: FrameLayout): boolean {
    return (frame[transport + flags]! & PSH) !== 0 || frame.length - payload < this.gsoSize;
  }

  /** Sets the lengths and sums right, describes the frame in `into`, and frees the place. */
  release(into: Coalesced): void {
    const { bytes, ip, transport, payload, length } = this;
    const large = this.segments > 1;
    if (large) {
      put16(bytes, ip + total_length, length - ip);
      put16(bytes, ip + header_checksum, 0);
      put16(bytes, ip + header_checksum, internetChecksum(bytes, ip, transport));
      put16(bytes, transport + checksum, pseudoSum4(bytes, ip, PROTOCOL.TCP, length - transport));
    }
    into.frame = bytes.subarray(0, length);
    into.segments = this.segments;
    into.gsoSize = large ? this.gsoSize : 0;
    into.headerLength = large ? payload : 0;
    into.csumStart = large ? transport : 0;
    into.csumOffset = large ? checksum : 0;
    this.segments = 0;
  }

  /** All but lengths, identification, sums, PSH and sequence number: Ethernet, VLAN, IP, TCP and its options. */
  private sameHeaders(frame: Uint8Array): boolean {
    const { bytes, ip, transport, payload } = this;
    return (
      same(frame, bytes, 0, ip) &&
      same(frame, bytes, ip + tos, ip + total_length) &&
      same(frame, bytes, ip + flags_fragment, ip + header_checksum) &&
      same(frame, bytes, transport + acknowledgment, transport + flags) &&
      same(frame, bytes, transport + window, transport + checksum) &&
      same(frame, bytes, transport + checksum + 2, payload)
    );
  }

  /** One more each time, or always the same, which only a frame that must not be fragmented may have (RFC 6864). */
  private followsIdentification(frame: Uint8Array): boolean {
    const { bytes, ip } = this;
    const first = get16(bytes, ip + identification);
    const found = get16(frame, ip + identification);
    const counts = found === ((first + this.segments) & 0xffff);
    const stays = found === first && (get16(bytes, ip + flags_fragment) & DF) !== 0;
    if (this.segments === 1) return counts || stays;
    return this.step === 1 ? counts : stays;
  }
}

function equal(a: Uint8Array, atA: number, b: Uint8Array, atB: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

function same(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  return equal(a, from, b, from, to - from);
}
