import { hex } from '../../../../core/bits.ts';
import type { Rules } from '../../../../core/rule.ts';
import { ethernet, vlan_tag } from '../../../../net/frame/headers.ts';
import { NET_FEATURE, NET_HDR_F, NET_HDR_GSO, NET_HDR_UDP_TUNNEL } from '../../../../virtio/net/registers.ts';
import {
  type ClaimKnows,
  type ClaimMoment,
  fields,
  isFlagged,
  isTunnelled,
  PACKET_TRANSMISSION,
  tunnelBits,
} from './knows.ts';
import { PLACE } from './place.ts';

const { CSUM, HOST_UDP_TUNNEL_GSO, HOST_UDP_TUNNEL_GSO_CSUM, OUT_NET_HEADER } = NET_FEATURE;
const { GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
const EITHER = GSO_IPV4 | GSO_IPV6;
const { DATA_VALID } = NET_HDR_F;
const { NONE, UDP } = NET_HDR_GSO;

/** Rules on the header's fields about a tunnel over UDP: its bits, and the offsets of the frame's parts. */
export const TUNNELS = {
  'virtio/NET-TX-D11': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set a UDP tunnel GSO bit without HOST_UDP_TUNNEL_GSO.',
    advice: 'Accept HOST_UDP_TUNNEL_GSO (67), or cut the packet before it is encapsulated.',
    on: 'claimed',
    when: (k) => k.sent.gsoType !== 0 && !k.accepted.has(HOST_UDP_TUNNEL_GSO),
    kept: (k) => tunnelBits(k) === 0,
    said: ({ sent }) => `gso_type of a frame is ${hex(sent.gsoType, 2)}, without HOST_UDP_TUNNEL_GSO`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D12': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST set UDP_TUNNEL_IPV4 for tunnel GSO of an inner IPv4 packet (or, as Linux does, the bit of the outer IP version).',
    advice: 'Set UDP_TUNNEL_IPV4 (20) in gso_type of a tunnelled IPv4 packet that is to be cut.',
    on: 'large',
    when: (k) => isCutWithin(k, 4),
    kept: isNamed,
    said: bits,
    facts: fields,
    follows: ['virtio/NET-TX-D19'],
  },
  'virtio/NET-TX-D13': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST set UDP_TUNNEL_IPV6 for tunnel GSO of an inner IPv6 packet (or, as Linux does, the bit of the outer IP version).',
    advice: 'Set UDP_TUNNEL_IPV6 (40) in gso_type of a tunnelled IPv6 packet that is to be cut.',
    on: 'large',
    when: (k) => isCutWithin(k, 6),
    kept: isNamed,
    said: bits,
    facts: fields,
    follows: ['virtio/NET-TX-D19'],
  },
  'virtio/NET-TX-D16': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set UDP_TUNNEL_CSUM without HOST_UDP_TUNNEL_GSO_CSUM.',
    advice: 'Accept HOST_UDP_TUNNEL_GSO_CSUM (68), or set the outer checksum to 0 or complete it.',
    on: 'claimed',
    // Without CSUM any flag breaks NET-TX-D3.
    when: (k) => k.sent.flags !== 0 && k.accepted.has(CSUM) && !k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM),
    kept: (k) => !isFlagged(k),
    said: ({ sent }) => `the flags of a frame are ${hex(sent.flags, 2)}, without HOST_UDP_TUNNEL_GSO_CSUM`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D17': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set a tunnel GSO bit together with gso_type UDP (UFO).',
    advice: 'Use UDP_L4 (5) for UDP in a tunnel, or fragment it before it is encapsulated.',
    on: 'large',
    when: isTunnelled,
    kept: (k) => k.gso !== UDP,
    said: bits,
    facts: fields,
  },
  'virtio/NET-TX-D18': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set both tunnel GSO bits in one frame.',
    advice: 'Set only the one of UDP_TUNNEL_IPV4 (20) and UDP_TUNNEL_IPV6 (40) that names the inner packet.',
    on: 'large',
    when: isTunnelled,
    kept: (k) => tunnelBits(k) !== EITHER,
    said: bits,
    facts: fields,
  },
  'virtio/NET-TX-D19': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set UDP_TUNNEL_CSUM in a frame without a tunnel GSO bit.',
    advice: 'Set UDP_TUNNEL_CSUM (8) in flags only for tunnel GSO.',
    on: 'claimed',
    when: (k) => isFlagged(k) && k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM),
    kept: (k) => tunnelBits(k) !== 0,
    said: ({ sent }) =>
      `the flags of a frame are ${hex(sent.flags, 2)}, and gso_type, ${hex(sent.gsoType, 2)}, names no tunnel`,
    facts: fields,
  },
  'virtio/NET-TX-D28': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST set outer_th_offset and inner_nh_offset of a tunnel GSO frame to where these headers are.',
    advice:
      'Count from the first byte of the frame: outer_th_offset to UDP, inner_nh_offset to the inner IP header, csum_start to the inner TCP or UDP header.',
    on: 'large',
    // NET-TX-D22 covers a wrong csum_start. The standard's example counts differently from its text.
    when: (k) => isTunnelled(k) && k.place <= PLACE.WITHIN,
    kept: ({ place, sent, at, inner }) =>
      place === PLACE.WITHIN && sent.outerTransport === at.upper && sent.innerNetwork === inner.ip,
    said: ({ place, sent: { outerTransport, innerNetwork, csumStart }, at, inner }) =>
      place === PLACE.WITHIN
        ? `outer_th_offset is ${outerTransport} and inner_nh_offset ${innerNetwork}, where these headers are at ${at.upper} and ${inner.ip}`
        : `gso_type names a tunnel, and csum_start ${csumStart} is not within one`,
    facts: fields,
  },
  'virtio/NET-TX-D34': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set DATA_VALID together with a tunnel GSO bit.',
    advice: 'Clear DATA_VALID (2), which only a device sets, when you forward a received header.',
    on: 'large',
    when: isTunnelled,
    kept: ({ sent }) => (sent.flags & DATA_VALID) === 0,
    said: ({ sent }) =>
      `the flags of a frame are ${hex(sent.flags, 2)}, and gso_type is ${hex(sent.gsoType, 2)}`,
    facts: fields,
  },
  'virtio/NET-TX-D37': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set outer_nh_offset unless OUT_NET_HEADER was negotiated and the frame has an outer network header.',
    advice: 'Write where IP begins to outer_nh_offset if OUT_NET_HEADER (69) was negotiated; else write 0.',
    on: 'whole',
    kept: ({ accepted, sent: { outerNetwork }, at }) =>
      outerNetwork === 0 || (accepted.has(OUT_NET_HEADER) && outerNetwork === networkAt(at)),
    said: ({ accepted, sent: { outerNetwork }, at }) =>
      accepted.has(OUT_NET_HEADER)
        ? `outer_nh_offset is ${outerNetwork}, and what follows Ethernet is at ${networkAt(at)}`
        : `outer_nh_offset is ${outerNetwork}, without OUT_NET_HEADER`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
} as const satisfies Rules<ClaimKnows, ClaimMoment>;

/** Whether an inner packet of this IP version is to be segmented by a card that does so; UFO is not for tunnels. */
function isCutWithin(k: ClaimKnows, version: 4 | 6): boolean {
  const { gso, place, inner, accepted } = k;
  if (gso === NONE || gso === UDP || place !== PLACE.WITHIN) return false;
  return accepted.has(HOST_UDP_TUNNEL_GSO) && inner.version === version;
}

/** The standard means the inner packet's version; drivers in use name the outer one's. Either is right. */
function isNamed(k: ClaimKnows): boolean {
  return (tunnelBits(k) & (bitOf(k.inner.version) | bitOf(k.at.version))) !== 0;
}

function bitOf(version: number): number {
  return version === 4 ? GSO_IPV4 : GSO_IPV6;
}

/** Where the network header is: behind Ethernet and its tags. */
function networkAt({ tags }: ClaimKnows['at']): number {
  return ethernet.size + tags * vlan_tag.size;
}

function bits({ sent, at, inner, place }: ClaimKnows): string {
  const where = place === PLACE.WITHIN ? `, of IPv${inner.version} in a tunnel over IPv${at.version}` : '';
  return `gso_type of a frame is ${hex(sent.gsoType, 2)}${where}`;
}
