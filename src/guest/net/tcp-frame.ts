import { struct } from '../../core/struct.ts';
import { checksum, onesSum } from './checksum.ts';

const ethernet = struct('Ethernet', 'be', {
  destination: { bytes: 6 },
  source: { bytes: 6 },
  type: 'u16',
});
const ipv4 = struct('IPv4', 'be', {
  version_ihl: 'u8',
  tos: 'u8',
  total_length: 'u16',
  id: 'u16',
  fragment: 'u16',
  ttl: 'u8',
  protocol: 'u8',
  checksum: 'u16',
  source: 'u32',
  destination: 'u32',
});
const tcp = struct('TCP', 'be', {
  source: 'u16',
  destination: 'u16',
  seq: 'u32',
  ack: 'u32',
  offset_flags: 'u16',
  window: 'u16',
  checksum: 'u16',
  urgent: 'u16',
});

const IPV4_TYPE = 0x0800;
const DONT_FRAGMENT = 0x4000;
const TCP_PROTOCOL = 6;
const FIN = 0x01;
const PSH = 0x08;
const ACK = 0x10;

/** Where things begin in a frame built here, from the destination address on. */
const IP_AT = ethernet.size;
export const TCP_AT = IP_AT + ipv4.size;
export const PAYLOAD_AT = TCP_AT + tcp.size;
export const TCP_CHECKSUM_OFFSET = tcp.offset.checksum;
/** The most TCP payload an IPv4 packet takes. */
export const TCP_PAYLOAD_MAX = 0xffff - ipv4.size - tcp.size;

/** One TCP/IPv4 segment, without options. */
export interface TcpSegment {
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly sourceIp: number;
  readonly destinationIp: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly id: number;
  readonly seq: number;
  readonly push: boolean;
  readonly fin: boolean;
  readonly payload: Uint8Array;
}

/**
 * The frame of a segment. Its IP checksum is complete; its TCP checksum is either complete, or `partial`: the sum of
 * the pseudo-header alone, which is what a device that finishes checksums starts from.
 */
export function tcpFrame(segment: TcpSegment, sum: 'complete' | 'partial'): Uint8Array {
  const frame = new Uint8Array(PAYLOAD_AT + segment.payload.length);
  ethernet.encode({ destination: segment.destination, source: segment.source, type: IPV4_TYPE }, frame);
  writeIp(frame, segment);
  const flags = ACK | (segment.push ? PSH : 0) | (segment.fin ? FIN : 0);
  tcp.encode(
    {
      source: segment.sourcePort,
      destination: segment.destinationPort,
      seq: segment.seq % 0x1_0000_0000,
      ack: 1,
      offset_flags: ((tcp.size / 4) << 12) | flags,
      window: 0xffff,
    },
    frame,
    TCP_AT,
  );
  frame.set(segment.payload, PAYLOAD_AT);
  const pseudo = pseudoHeaderSum(frame);
  const value = sum === 'partial' ? pseudo : checksum(frame.subarray(TCP_AT), pseudo);
  tcp.encode({ checksum: value }, frame, TCP_AT);
  return frame;
}

/** The segment that a frame holds; null if it is no TCP/IPv4. Padding behind the packet is left out. */
export function parseTcpFrame(frame: Uint8Array): TcpSegment | null {
  if (frame.length < PAYLOAD_AT) return null;
  const link = ethernet.decode(frame);
  const ip = ipv4.decode(frame, IP_AT);
  if (link.type !== IPV4_TYPE || ip.version_ihl !== 0x45 || ip.protocol !== TCP_PROTOCOL) return null;
  const { source, destination, seq, offset_flags } = tcp.decode(frame, TCP_AT);
  return {
    destination: link.destination,
    source: link.source,
    sourceIp: ip.source,
    destinationIp: ip.destination,
    sourcePort: source,
    destinationPort: destination,
    id: ip.id,
    seq,
    push: (offset_flags & PSH) !== 0,
    fin: (offset_flags & FIN) !== 0,
    payload: frame.subarray(TCP_AT + (offset_flags >> 12) * 4, IP_AT + ip.total_length),
  };
}

/** Are the IP and the TCP checksum of a frame right? With `partial`, the field must hold the pseudo-header's sum. */
export function checksumsRight(frame: Uint8Array, sum: 'complete' | 'partial'): boolean {
  if (onesSum(frame.subarray(IP_AT, TCP_AT)) !== 0xffff) return false;
  const end = IP_AT + ipv4.decode(frame, IP_AT).total_length;
  const pseudo = pseudoHeaderSum(frame);
  if (sum === 'complete') return onesSum(frame.subarray(TCP_AT, end), pseudo) === 0xffff;
  return tcp.decode(frame, TCP_AT).checksum === pseudo;
}

/** What a device must make of one large frame: segments of `mss` bytes, the sequence and the id counting on. */
export function cut(segment: TcpSegment, mss: number): Uint8Array[] {
  const count = Math.ceil(segment.payload.length / mss);
  return Array.from({ length: count }, (_, i) =>
    tcpFrame(
      {
        ...segment,
        id: (segment.id + i) & 0xffff,
        seq: segment.seq + i * mss,
        push: segment.push && i === count - 1,
        fin: segment.fin && i === count - 1,
        payload: segment.payload.subarray(i * mss, (i + 1) * mss),
      },
      'complete',
    ),
  );
}

function writeIp(frame: Uint8Array, segment: TcpSegment): void {
  ipv4.encode(
    {
      version_ihl: 0x45,
      total_length: frame.length - IP_AT,
      id: segment.id,
      fragment: DONT_FRAGMENT,
      ttl: 64,
      protocol: TCP_PROTOCOL,
      source: segment.sourceIp,
      destination: segment.destinationIp,
    },
    frame,
    IP_AT,
  );
  ipv4.encode({ checksum: checksum(frame.subarray(IP_AT, TCP_AT)) }, frame, IP_AT);
}

/** Addresses, protocol and length of what follows the IP header (RFC 9293, 3.1). */
function pseudoHeaderSum(frame: Uint8Array): number {
  const length = ipv4.decode(frame, IP_AT).total_length - ipv4.size;
  const addresses = frame.subarray(IP_AT + ipv4.offset.source, TCP_AT);
  return onesSum(addresses, TCP_PROTOCOL + length);
}
