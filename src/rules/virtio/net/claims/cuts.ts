import { bytesText } from '../../../../core/bits.ts';
import type { Rules } from '../../../../core/rule.ts';
import { PROTOCOL, TCP_FLAGS, tcp } from '../../../../net/frame/headers.ts';
import { ETHERNET_HEADER, ETHERNET_MTU, NET_FEATURE, NET_HDR_GSO } from '../../../../virtio/net/registers.ts';
import { cuts } from '../header.ts';
import { type ClaimKnows, type ClaimMoment, fields, isKnown, PACKET_TRANSMISSION } from './knows.ts';

const { HOST_ECN, HOST_TSO4, HOST_TSO6, HOST_UFO, HOST_USO, GUEST_HDRLEN, MTU } = NET_FEATURE;
const { NONE, TCPV4, UDP, TCPV6, UDP_L4, ECN } = NET_HDR_GSO;
const { CWR } = TCP_FLAGS.mask;
/** The most that an IP packet holds. */
const PACKET_MOST = 65_535;

/** Rules on the header's claims about a frame to be segmented, checked against the frame. */
export const CUTS = {
  'virtio/NET-IMP-7': {
    where: PACKET_TRANSMISSION,
    text: "A driver MUST use a gso_type that fits the packet's IP version, protocol and headers.",
    advice: 'Use TCPV4 only for whole TCP over IPv4 packets, and likewise for the other types.',
    on: 'large',
    // NET-TX-D25 covers a gso_size of 0.
    when: (k) => k.sent.gsoSize !== 0 && isServed(k) && isKnown(k),
    kept: (k) => isFit(k) && isPacket(k),
    said: (k) =>
      isFit(k)
        ? `a frame was to be cut into pieces of ${bytesText(k.sent.gsoSize)}, too long for a packet`
        : `a frame with gso_type ${k.gso} is no whole packet of ${wanted(k)}`,
    facts: fields,
    // Otherwise the outer packet is taken for the one to be segmented.
    follows: ['virtio/NET-TX-D12', 'virtio/NET-TX-D13', 'virtio/NET-TX-D14', 'virtio/NET-TX-D17'],
  },
  'virtio/NET-IMP-9': {
    // Linux forwards the header of another guest's frames.
    where: PACKET_TRANSMISSION,
    text: 'Set gso_type only in a frame with more payload than one segment.',
    advice: 'Use gso_type NONE if all fits into one segment, and set gso_size to the MSS of the connection.',
    on: 'large',
    when: (k) => k.sent.gsoSize !== 0 && isFit(k) && isPacket(k),
    kept: (k) => k.sent.frame.length - k.packet.payload > k.sent.gsoSize,
    said: ({ sent, packet }) =>
      `gso_size is ${sent.gsoSize}, but the frame has ${bytesText(sent.frame.length - packet.payload)} of payload`,
    facts: fields,
  },
  'virtio/NET-IMP-13': {
    where: PACKET_TRANSMISSION,
    text: 'A driver SHOULD set gso_size of TCP to the payload of a segment, not to the length of a packet or of a frame.',
    advice:
      'Set gso_size to the MSS of the connection: 1460 for an MTU of 1500 with IPv4, and without options.',
    on: 'large',
    when: (k) => isTcp(k) && isCut(k),
    kept: (k) => !isWholePacket(k),
    said: ({ sent, packet, at }) =>
      `gso_size is ${sent.gsoSize}, and the headers before it make packets of ${bytesText(packet.payload - at.ip + sent.gsoSize)}`,
    facts: fields,
  },
  'virtio/NET-TX-D9': {
    where: PACKET_TRANSMISSION,
    text: 'A driver without HOST_ECN SHOULD NOT ask for TCP segmentation of ECN-marked segments.',
    advice: 'Cut frames with CWR before sending, or accept HOST_ECN (13).',
    on: 'large',
    when: (k) => isTcp(k) && !k.accepted.has(HOST_ECN),
    kept: (k) => !hasCwr(k) && (k.sent.gsoType & ECN) === 0,
    said: (k) =>
      `${hasCwr(k) ? 'a frame with CWR is to be cut' : 'gso_type has the bit ECN'}, without HOST_ECN`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D10': {
    where: PACKET_TRANSMISSION,
    text: 'A driver with HOST_ECN MUST set the ECN bit in gso_type of an ECN-marked TCP frame that is to be cut.',
    advice: 'Set the ECN bit (80) in gso_type of a frame with CWR that is to be cut.',
    on: 'large',
    when: (k) => isTcp(k) && k.accepted.has(HOST_ECN) && hasCwr(k),
    kept: (k) => (k.sent.gsoType & ECN) !== 0,
    said: (k) => `gso_type of a frame with CWR is ${k.gso}, without the bit ECN`,
    facts: fields,
  },
  'virtio/NET-TX-D26': {
    where: PACKET_TRANSMISSION,
    text: 'A driver with GUEST_HDRLEN MUST set hdr_len of a GSO frame to the exact length of its headers.',
    advice:
      'Write the length of all headers to hdr_len, from Ethernet to TCP or UDP, including options and tags.',
    on: 'large',
    when: (k) => k.accepted.has(GUEST_HDRLEN) && isFit(k),
    kept: (k) => k.sent.hdrLen === k.packet.payload,
    said: lengths,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D27': {
    where: PACKET_TRANSMISSION,
    text: 'A driver without GUEST_HDRLEN SHOULD set hdr_len to at least the length of the headers (0 is accepted with gso_type NONE).',
    advice:
      'Write the length of all headers to hdr_len, from Ethernet to TCP or UDP, including options and tags.',
    on: 'frame',
    when: (k) =>
      (k.gso !== NONE || k.sent.hdrLen !== 0) &&
      k.packet.transport !== 0 &&
      isKnown(k) &&
      !(k.gso !== NONE && k.accepted.has(GUEST_HDRLEN)) &&
      cuts(k.accepted),
    kept: (k) => k.sent.hdrLen >= k.packet.payload,
    said: lengths,
    facts: fields,
  },
} as const satisfies Rules<ClaimKnows, ClaimMoment>;

/** Whether the card segments frames of this type. Other rules cover the types that it does not. */
function isServed({ gso, accepted }: ClaimKnows): boolean {
  switch (gso) {
    case TCPV4:
      return accepted.has(HOST_TSO4);
    case TCPV6:
      return accepted.has(HOST_TSO6);
    case UDP:
      return accepted.has(HOST_UFO);
    case UDP_L4:
      return accepted.has(HOST_USO);
    default:
      return cuts(accepted);
  }
}

/** Whether the frame fits its gso_type, and the card segments that type. */
function isFit(k: ClaimKnows): boolean {
  const { gso, packet } = k;
  if (packet.transport === 0 || packet.fragment || !isServed(k) || !isKnown(k)) return false;
  switch (gso) {
    case TCPV4:
      return packet.version === 4 && packet.protocol === PROTOCOL.TCP;
    case TCPV6:
      return packet.version === 6 && packet.protocol === PROTOCOL.TCP;
    case UDP:
    case UDP_L4:
      return packet.protocol === PROTOCOL.UDP;
    default:
      return false;
  }
}

/** Whether a piece of it fits into an IP packet. */
function isPacket({ sent, at, packet }: ClaimKnows): boolean {
  return packet.payload - at.ip + sent.gsoSize <= PACKET_MOST;
}

/** Whether it becomes several packets, each with at most gso_size bytes of payload. UFO makes fragments instead. */
export function isCut(k: ClaimKnows): boolean {
  const { gso, sent, packet } = k;
  return isFit(k) && gso !== UDP && sent.gsoSize !== 0 && sent.gsoSize < sent.frame.length - packet.payload;
}

/** Bytes of the packet, or of the longest of its segments. */
export function longest({ gso, at, packet, sent }: ClaimKnows): number {
  return gso === NONE ? at.end - at.ip : packet.payload - at.ip + sent.gsoSize;
}

/** Whether a segment of TCP would have as much payload as its whole packet, or frame, may have by the MTU. */
export function isWholePacket(k: ClaimKnows): boolean {
  const { gsoSize } = k.sent;
  const most = k.accepted.has(MTU) ? k.mtu : ETHERNET_MTU;
  return isTcp(k) && (gsoSize === most || gsoSize === most + ETHERNET_HEADER);
}

function isTcp(k: ClaimKnows): boolean {
  return (k.gso === TCPV4 || k.gso === TCPV6) && isFit(k);
}

/** ECE is repeated in each segment; CWR must not be (RFC 3168). */
function hasCwr({ sent, packet }: ClaimKnows): boolean {
  return (sent.frame[packet.transport + tcp.offset.flags]! & CWR) !== 0;
}

function wanted({ gso }: ClaimKnows): string {
  switch (gso) {
    case TCPV4:
      return 'TCP over IPv4';
    case TCPV6:
      return 'TCP over IPv6';
    case UDP:
    case UDP_L4:
      return 'UDP';
    default:
      return 'any protocol';
  }
}

function lengths({ sent, packet }: ClaimKnows): string {
  return `hdr_len is ${sent.hdrLen}, and the headers have ${bytesText(packet.payload)}`;
}
