import { put16 } from '../../core/big-endian.ts';
import { internetChecksum, pseudoSum4, pseudoSum6 } from './checksum.ts';
import { ETHERTYPE, ethernet, icmp, ipv4, ipv6, PROTOCOL, TCP_FLAGS, tcp, udp, vlan_tag } from './headers.ts';

const { ICMP, ICMPV6, TCP, UDP } = PROTOCOL;

/** A packet to put into a frame. */
export interface PacketOptions {
  /** Default 4. */
  readonly version?: 4 | 6;
  /** Default TCP. */
  readonly protocol?: number;
  /** Default 100 bytes. */
  readonly payload?: Uint8Array;
  /** Its TCP or UDP checksum. `partial` is the sum of the pseudo-header; default complete. */
  readonly sum?: 'complete' | 'partial' | 'none';
  /** Types of the VLAN tags before it. Default none. */
  readonly tags?: readonly number[];
  /** TCP flags. Default ACK. */
  readonly flags?: number;
  /** Destination port. Default 80. */
  readonly port?: number;
  /** Source MAC address. Default 42:01:0a:80:00:02. */
  readonly from?: readonly number[];
}

const TO = [0x42, 0x01, 0x0a, 0x80, 0x00, 0x01];
const FROM = [0x42, 0x01, 0x0a, 0x80, 0x00, 0x02];
const [TTL, PORT, SERVER] = [64, 49_152, 80];
const IP6 = (last: number) => Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);

/** Offsets of the parts of such a frame. */
export function partsOf({ version = 4, protocol = TCP, tags = [] }: PacketOptions = {}) {
  const ip = ethernet.size + tags.length * vlan_tag.size;
  const upper = ip + (version === 4 ? ipv4.size : ipv6.size);
  return { ip, upper, payload: upper + sizeOf(protocol), field: sumOf(protocol) };
}

/**
 * A frame with one packet of TCP, UDP or ICMP, from one end of 10.128.0.0/24 or fd00::/64 to the other.
 *
 * @example
 * makeFrame({ version: 6, protocol: PROTOCOL.UDP, sum: 'partial' });
 */
export function makeFrame(options: PacketOptions = {}): Uint8Array {
  const { version = 4, protocol = TCP, payload = new Uint8Array(100), sum = 'complete' } = options;
  const { tags = [], flags = TCP_FLAGS.mask.ACK, port = SERVER, from = FROM } = options;
  const at = partsOf(options);
  const frame = new Uint8Array(at.payload + payload.length);
  frame.set([...TO, ...from]);
  for (const [i, tag] of tags.entries()) put16(frame, ethernet.offset.ethertype + i * vlan_tag.size, tag);
  put16(frame, at.ip - 2, version === 4 ? ETHERTYPE.IPV4 : ETHERTYPE.IPV6);
  frame.set(payload, at.payload);
  const length = frame.length - at.upper;
  if (version === 4) putIpv4(frame, at.ip, protocol, length);
  else putIpv6(frame, at.ip, protocol, length);
  const ports = { source_port: PORT, destination_port: port };
  if (protocol === TCP)
    tcp.encode({ ...ports, data_offset: (tcp.size / 4) << 4, flags, window: 0xffff }, frame, at.upper);
  else if (protocol === UDP) udp.encode({ ...ports, length }, frame, at.upper);
  if (sum === 'none') return frame;
  const pseudo = pseudoOf(frame, at.ip, version, protocol, length);
  const field = at.upper + at.field;
  put16(frame, field, sum === 'partial' ? pseudo : internetChecksum(frame, at.upper, frame.length, pseudo));
  return frame;
}

function putIpv4(frame: Uint8Array, ip: number, protocol: number, length: number): void {
  const addresses = { source: 0x0a80_0002, destination: 0x0a80_0001 };
  const fixed = { version_ihl: 0x45, total_length: ipv4.size + length, ttl: TTL, protocol };
  ipv4.encode({ ...fixed, ...addresses }, frame, ip);
  put16(frame, ip + ipv4.offset.header_checksum, internetChecksum(frame, ip, ip + ipv4.size));
}

function putIpv6(frame: Uint8Array, ip: number, protocol: number, length: number): void {
  const addresses = { source: IP6(2), destination: IP6(1) };
  const fixed = { version_class_flow: 0x6000_0000, payload_length: length, hop_limit: TTL };
  ipv6.encode({ ...fixed, ...addresses, next_header: protocol }, frame, ip);
}

/** ICMP over IPv6 has none. */
function pseudoOf(frame: Uint8Array, ip: number, version: 4 | 6, protocol: number, length: number): number {
  if (protocol === ICMP) return 0;
  return version === 4 ? pseudoSum4(frame, ip, protocol, length) : pseudoSum6(frame, ip, protocol, length);
}

function sizeOf(protocol: number): number {
  return protocol === TCP ? tcp.size : udp.size;
}

function sumOf(protocol: number): number {
  if (protocol === TCP) return tcp.offset.checksum;
  return protocol === ICMP || protocol === ICMPV6 ? icmp.offset.checksum : udp.offset.checksum;
}
