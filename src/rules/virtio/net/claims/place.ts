import { get16 } from '../../../../core/big-endian.ts';
import {
  ETHERTYPE,
  ETHERTYPE_LEAST,
  icmp,
  ipv4,
  ipv6,
  PROTOCOL,
  tcp,
  udp,
} from '../../../../net/frame/headers.ts';
import { type FrameLayout, findPacket } from '../../../../net/frame/layout.ts';

const { TCP, UDP, ICMP, ICMPV6 } = PROTOCOL;
const { ARP, EAPOL, LLDP } = ETHERTYPE;
const SIX = 6;

/** What csum_start and csum_offset point at. */
export const PLACE = {
  /** The checksum of the packet. */
  RIGHT: 0,
  /** That of a packet within the packet, of a tunnel. */
  WITHIN: 1,
  /** Not the place of any checksum. */
  ASTRAY: 2,
  /** Beyond the end of the frame. */
  OUTSIDE: 3,
  /** Not known here. */
  UNKNOWN: 4,
} as const;

/**
 * What the checksum is that the header says is open, of `PLACE`.
 *
 * @param claimed where the packet within a tunnel is, according to the header.
 * @param inner receives the layout of that packet, if the checksum is within a tunnel.
 */
export function placeOf(
  frame: Uint8Array,
  at: FrameLayout,
  start: number,
  offset: number,
  claimed: number,
  inner: FrameLayout,
): number {
  if (start + offset + 2 > frame.length) return PLACE.OUTSIDE;
  if (at.version === 0) return hasNoSum(at.type) ? PLACE.ASTRAY : PLACE.UNKNOWN;
  const field = sumFieldOf(at.protocol);
  if (field < 0) return PLACE.UNKNOWN;
  // The checksum of a fragment cannot be finished: it covers the whole datagram.
  if (at.fragment) return PLACE.ASTRAY;
  if (at.upper === 0) return PLACE.UNKNOWN;
  if (start === at.upper && offset === field) return PLACE.RIGHT;
  const within = at.protocol === UDP && isWithin(frame, at, start, offset, claimed, inner);
  return within ? PLACE.WITHIN : PLACE.ASTRAY;
}

/** Whether the checksum is of a packet in a tunnel: at `claimed`, or wherever an IP header ends at `start`. */
function isWithin(
  frame: Uint8Array,
  at: FrameLayout,
  start: number,
  offset: number,
  claimed: number,
  inner: FrameLayout,
): boolean {
  if (claimed >= at.upper + udp.size) {
    findPacket(frame, claimed, inner);
    if (inner.upper === start && sumFieldOf(inner.protocol) === offset) return true;
  }
  const ip = innerHeader(frame, at, start, offset);
  if (ip !== 0) findPacket(frame, ip, inner);
  return ip !== 0;
}

/** Offset of the checksum in a protocol's header; -1 for other protocols. */
function sumFieldOf(protocol: number): number {
  if (protocol === TCP) return tcp.offset.checksum;
  if (protocol === UDP) return udp.offset.checksum;
  return protocol === ICMP || protocol === ICMPV6 ? icmp.offset.checksum : -1;
}

/** ARP and the protocols of bridges have no checksum of that kind. */
function hasNoSum(type: number): boolean {
  return type < ETHERTYPE_LEAST || type === ARP || type === EAPOL || type === LLDP;
}

/** In a tunnel over UDP, the IP header that ends at `start`, before TCP or UDP with a sum `offset` bytes in; 0 for none. */
function innerHeader(frame: Uint8Array, { upper }: FrameLayout, start: number, offset: number): number {
  const protocol = offset === tcp.offset.checksum ? TCP : offset === udp.offset.checksum ? UDP : -1;
  const least = upper + udp.size;
  const six = start - ipv6.size;
  if (six >= least && frame[six]! >> 4 === SIX && frame[six + ipv6.offset.next_header] === protocol)
    return six;
  for (let words = 5; words <= 15; words++) {
    const four = start - words * 4;
    if (four < least) return 0;
    if (frame[four] === (0x40 | words) && frame[four + ipv4.offset.protocol] === protocol) return four;
  }
  return 0;
}

/** Bytes of the packet from `start` on, by the IP header at `ip`; 0 if it does not tell. */
export function lengthFrom(frame: Uint8Array, ip: number, start: number): number {
  if (frame[ip]! >> 4 === SIX) {
    const payload = get16(frame, ip + ipv6.offset.payload_length);
    return payload === 0 ? 0 : ip + ipv6.size + payload - start;
  }
  const total = get16(frame, ip + ipv4.offset.total_length);
  return total === 0 ? 0 : ip + total - start;
}
