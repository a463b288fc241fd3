import { struct } from '../../core/struct.ts';

/** The ones' complement sum of RFC 1071 over `bytes`, big-endian, on top of `sum`; folded to 16 bits. */
function onesSum(bytes: Uint8Array, sum = 0): number {
  for (let i = 0; i + 1 < bytes.length; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  if (bytes.length % 2 === 1) sum += bytes[bytes.length - 1]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum;
}

/** The value for a checksum field that was 0 while summing. */
function checksum(bytes: Uint8Array, sum = 0): number {
  return onesSum(bytes, sum) ^ 0xffff;
}

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
const ipv6 = struct('IPv6', 'be', {
  version_class_flow: 'u32',
  payload_length: 'u16',
  next_header: 'u8',
  hop_limit: 'u8',
  source: { bytes: 16 },
  destination: { bytes: 16 },
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
const IPV6_TYPE = 0x86dd;
const IPV6_VERSION = 0x6000_0000;
const IPV4_PLAIN = 0x45;
const DONT_FRAGMENT = 0x4000;
const TCP_PROTOCOL = 6;
const TTL = 64;
const FIN = 0x01;
const PSH = 0x08;
const ACK = 0x10;

/** Offsets in a frame built here, from the destination address on. */
const IP_AT = ethernet.size;
export const TCP_AT = IP_AT + ipv4.size;
export const PAYLOAD_AT = TCP_AT + tcp.size;
export const TCP_CHECKSUM_OFFSET = tcp.offset.checksum;
/** Maximum TCP payload of an IPv4 packet. */
export const TCP_PAYLOAD_MAX = 0xffff - ipv4.size - tcp.size;

/** One TCP segment, without options. */
export interface TcpSegment {
  /** IP version. Default 4. */
  readonly version?: 4 | 6;
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** Over IPv6 the last 32 bits of an address in fd00::/96. */
  readonly sourceIp: number;
  readonly destinationIp: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** IPv4 only. */
  readonly id: number;
  readonly seq: number;
  readonly push: boolean;
  readonly fin: boolean;
  readonly payload: Uint8Array;
}

/** Offsets of TCP and its payload in such a frame. */
export function partsOfTcp({ version = 4 }: Pick<TcpSegment, 'version'>): {
  tcpAt: number;
  payloadAt: number;
} {
  const tcpAt = IP_AT + (version === 4 ? ipv4.size : ipv6.size);
  return { tcpAt, payloadAt: tcpAt + tcp.size };
}

/**
 * The frame of a segment. Its IP checksum is complete; its TCP checksum is either complete, or `partial`: the sum of
 * the pseudo-header alone, from which a device completes it.
 */
export function tcpFrame(segment: TcpSegment, sum: 'complete' | 'partial'): Uint8Array {
  const { version = 4, destination, source } = segment;
  const { tcpAt, payloadAt } = partsOfTcp(segment);
  const frame = new Uint8Array(payloadAt + segment.payload.length);
  ethernet.encode({ destination, source, type: version === 4 ? IPV4_TYPE : IPV6_TYPE }, frame);
  if (version === 4) writeIpv4(frame, segment);
  else writeIpv6(frame, segment);
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
    tcpAt,
  );
  frame.set(segment.payload, payloadAt);
  const pseudo = pseudoHeaderSum(frame, version, frame.length);
  const value = sum === 'partial' ? pseudo : checksum(frame.subarray(tcpAt), pseudo);
  tcp.encode({ checksum: value }, frame, tcpAt);
  return frame;
}

/** The segment in a frame; null if it is not TCP, or has IP options. Padding after the packet is ignored. */
export function parseTcpFrame(frame: Uint8Array): TcpSegment | null {
  const packet = frame.length < PAYLOAD_AT ? null : packetOf(frame);
  if (packet === null) return null;
  const { end, ...ip } = packet;
  const { tcpAt } = partsOfTcp(packet);
  const link = ethernet.decode(frame);
  const { source, destination, seq, offset_flags } = tcp.decode(frame, tcpAt);
  return {
    ...ip,
    destination: link.destination,
    source: link.source,
    sourcePort: source,
    destinationPort: destination,
    seq,
    push: (offset_flags & PSH) !== 0,
    fin: (offset_flags & FIN) !== 0,
    payload: frame.subarray(tcpAt + (offset_flags >> 12) * 4, end),
  };
}

/** Whether the IP and TCP checksums of a frame are right. With `partial`, the field must hold the pseudo-header's sum. */
export function checksumsRight(frame: Uint8Array, sum: 'complete' | 'partial'): boolean {
  const packet = packetOf(frame);
  if (packet === null) return false;
  const { tcpAt } = partsOfTcp(packet);
  if (packet.version === 4 && onesSum(frame.subarray(IP_AT, tcpAt)) !== 0xffff) return false;
  const pseudo = pseudoHeaderSum(frame, packet.version, packet.end);
  if (sum === 'complete') return onesSum(frame.subarray(tcpAt, packet.end), pseudo) === 0xffff;
  return tcp.decode(frame, tcpAt).checksum === pseudo;
}

/** The expected segments of one large frame: `mss` bytes each, with increasing sequence numbers and IDs. */
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

/** The TCP packet in a frame, by its IP header; null if there is none. */
function packetOf(frame: Uint8Array) {
  const { type } = ethernet.decode(frame);
  if (type === IPV4_TYPE) {
    const ip = ipv4.decode(frame, IP_AT);
    if (ip.version_ihl !== IPV4_PLAIN || ip.protocol !== TCP_PROTOCOL) return null;
    const { source, destination, id, total_length } = ip;
    return {
      version: 4,
      sourceIp: source,
      destinationIp: destination,
      id,
      end: IP_AT + total_length,
    } as const;
  }
  if (type !== IPV6_TYPE || frame.length < IP_AT + ipv6.size + tcp.size) return null;
  const { next_header, source, destination, payload_length } = ipv6.decode(frame, IP_AT);
  if (next_header !== TCP_PROTOCOL) return null;
  const end = IP_AT + ipv6.size + payload_length;
  return {
    version: 6,
    sourceIp: lastWord(source),
    destinationIp: lastWord(destination),
    id: 0,
    end,
  } as const;
}

function writeIpv4(frame: Uint8Array, segment: TcpSegment): void {
  ipv4.encode(
    {
      version_ihl: IPV4_PLAIN,
      total_length: frame.length - IP_AT,
      id: segment.id,
      fragment: DONT_FRAGMENT,
      ttl: TTL,
      protocol: TCP_PROTOCOL,
      source: segment.sourceIp,
      destination: segment.destinationIp,
    },
    frame,
    IP_AT,
  );
  ipv4.encode({ checksum: checksum(frame.subarray(IP_AT, TCP_AT)) }, frame, IP_AT);
}

function writeIpv6(frame: Uint8Array, { sourceIp, destinationIp }: TcpSegment): void {
  ipv6.encode(
    {
      version_class_flow: IPV6_VERSION,
      payload_length: frame.length - IP_AT - ipv6.size,
      next_header: TCP_PROTOCOL,
      hop_limit: TTL,
      source: local(sourceIp),
      destination: local(destinationIp),
    },
    frame,
    IP_AT,
  );
}

/** An address in fd00::/96. */
function local(last: number): Uint8Array {
  const address = new Uint8Array(ipv6.size - ipv6.offset.destination);
  address[0] = 0xfd;
  new DataView(address.buffer).setUint32(address.length - 4, last);
  return address;
}

function lastWord(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset).getUint32(address.length - 4);
}

/** Pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1): addresses, protocol and length of what follows IP, up to `end`. */
function pseudoHeaderSum(frame: Uint8Array, version: 4 | 6, end: number): number {
  const { tcpAt } = partsOfTcp({ version });
  const from = IP_AT + (version === 4 ? ipv4.offset.source : ipv6.offset.source);
  return onesSum(frame.subarray(from, tcpAt), TCP_PROTOCOL + end - tcpAt);
}
