import { get16 } from '../../core/big-endian.ts';
import {
  ETHERTYPE,
  ethernet,
  FLAGS_FRAGMENT,
  ipv4,
  ipv6,
  PROTOCOL,
  TAGS_MOST,
  tcp,
  udp,
  vlan_tag,
} from './headers.ts';
import { walkExtensions, walkOptions } from './ip-options.ts';

const { ethertype } = ethernet.offset;
const { version_ihl, flags_fragment, protocol, total_length } = ipv4.offset;
const { next_header, payload_length, version_class_flow } = ipv6.offset;
const { data_offset } = tcp.offset;
const { MF, OFFSET } = FLAGS_FRAGMENT.mask;

/** Where the headers of a frame begin, in bytes from its start; reused from frame to frame. */
export class FrameLayout {
  /** VLAN tags before the actual EtherType. */
  tags = 0;
  /** The actual EtherType; 0 if there is no frame. */
  type = 0;
  /** The IP header, or 0 if the frame holds no whole one. */
  ip = 0;
  /** IP version, 4 or 6; 0 while `ip` is. */
  version = 0;
  /** The protocol that IP carries, in IPv6 after its extension headers; meaningless while `ip` is 0. */
  protocol = 0;
  /** The frame carries a fragment of a datagram, the first one included. */
  fragment = false;
  /** It is source-routed, so its checksums use another destination address than the header's. */
  routed = false;
  /** Place of the final destination address, which the checksums use; meaningless while `ip` is 0. */
  destination = 0;
  /** Place of the IP payload, or 0: a later fragment, a cut frame, invalid extension headers. */
  upper = 0;
  /** End of the packet by the IP length: padding may follow. If that is 0, the end of the frame. */
  end = 0;
  /** The TCP or UDP header, or 0 if there is no whole one. */
  transport = 0;
  /** Place of the TCP or UDP payload; meaningless while `transport` is 0. */
  payload = 0;

  /** Copies `other`. */
  be(other: FrameLayout): void {
    this.tags = other.tags;
    this.type = other.type;
    this.ip = other.ip;
    this.version = other.version;
    this.protocol = other.protocol;
    this.fragment = other.fragment;
    this.routed = other.routed;
    this.destination = other.destination;
    this.upper = other.upper;
    this.end = other.end;
    this.transport = other.transport;
    this.payload = other.payload;
  }
}

/** Finds the headers of an Ethernet frame that begins at `from`, after any VLAN tags. Reads nothing past the end. */
export function findHeaders(frame: Uint8Array, into: FrameLayout, from = 0): void {
  clear(into);
  let at = from + ethertype;
  if (frame.length < from + ethernet.size) return;
  let type = get16(frame, at);
  while ((type === ETHERTYPE.VLAN || type === ETHERTYPE.QINQ) && into.tags < TAGS_MOST) {
    at += vlan_tag.size;
    if (at + 2 > frame.length) return;
    type = get16(frame, at);
    into.tags++;
  }
  into.type = type;
  if (type === ETHERTYPE.IPV4) findIpv4(frame, at + 2, into);
  else if (type === ETHERTYPE.IPV6) findIpv6(frame, at + 2, into);
  if (into.upper !== 0) findTransport(frame, into);
}

/** Finds the headers of a packet without a frame of its own, whose IP header is at `ip`: tags and type are then 0. */
export function findPacket(frame: Uint8Array, ip: number, into: FrameLayout): void {
  clear(into);
  if (ip < frame.length && frame[ip]! >> 4 === 6) findIpv6(frame, ip, into);
  else findIpv4(frame, ip, into);
  if (into.upper !== 0) findTransport(frame, into);
}

function clear(into: FrameLayout): void {
  into.ip = into.version = into.tags = into.type = into.upper = into.transport = 0;
  into.fragment = into.routed = false;
}

function findIpv4(frame: Uint8Array, ip: number, into: FrameLayout): void {
  if (ip + ipv4.size > frame.length) return;
  const versionIhl = frame[ip + version_ihl]!;
  const upper = ip + (versionIhl & 0xf) * 4;
  if (versionIhl >> 4 !== 4 || upper < ip + ipv4.size || upper > frame.length) return;
  into.ip = ip;
  into.version = 4;
  into.protocol = frame[ip + protocol]!;
  findEnd(frame, into);
  const where = get16(frame, ip + flags_fragment);
  into.fragment = (where & (MF | OFFSET)) !== 0;
  into.destination = ip + ipv4.offset.destination;
  if (upper > ip + ipv4.size) walkOptions(frame, ip + ipv4.size, upper, into);
  if ((where & OFFSET) === 0) into.upper = upper;
}

function findIpv6(frame: Uint8Array, ip: number, into: FrameLayout): void {
  if (ip + ipv6.size > frame.length || frame[ip + version_class_flow]! >> 4 !== 6) return;
  into.ip = ip;
  into.version = 6;
  into.protocol = frame[ip + next_header]!;
  into.destination = ip + ipv6.offset.destination;
  findEnd(frame, into);
  walkExtensions(frame, ip + ipv6.size, into);
}

/** Finds `end`, where the IP header is known. */
export function findEnd(frame: Uint8Array, into: FrameLayout): void {
  const { ip, version } = into;
  const length = get16(frame, ip + (version === 4 ? total_length : payload_length));
  into.end = length === 0 ? frame.length : ip + length + (version === 4 ? 0 : ipv6.size);
}

function findTransport(frame: Uint8Array, into: FrameLayout): void {
  const { upper } = into;
  const payload = upper + transportSize(frame, upper, into.protocol);
  if (payload === upper || payload > frame.length) return;
  into.transport = upper;
  into.payload = payload;
}

/** Bytes of the header at `at`, options included; 0 if it is cut, malformed, or neither TCP nor UDP. */
function transportSize(frame: Uint8Array, at: number, kind: number): number {
  if (kind === PROTOCOL.UDP) return udp.size;
  if (kind !== PROTOCOL.TCP || at + tcp.size > frame.length) return 0;
  const size = (frame[at + data_offset]! >> 4) * 4;
  return size < tcp.size ? 0 : size;
}
