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
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'No UDP-tunnel gso bits without HOST_UDP_TUNNEL_GSO',
    advice: 'Accept HOST_UDP_TUNNEL_GSO (67), or cut what goes through a tunnel before it is wrapped.',
    on: 'claimed',
    when: (k) => k.sent.gsoType !== 0 && !k.accepted.has(HOST_UDP_TUNNEL_GSO),
    kept: (k) => tunnelBits(k) === 0,
    said: ({ sent }) => `gso_type of a frame is ${hex(sent.gsoType, 2)}, without HOST_UDP_TUNNEL_GSO`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D12': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Tunnel GSO with inner IPv4 carries the TUNNEL_IPV4 bit (or, as Linux has it, that of the IP around it)',
    advice: 'Set UDP_TUNNEL_IPV4 (20) in gso_type of what is to be cut and goes through a tunnel as IPv4.',
    on: 'large',
    when: (k) => isCutWithin(k, 4),
    kept: isNamed,
    said: bits,
    facts: fields,
    follows: ['virtio/NET-TX-D19'],
  },
  'virtio/NET-TX-D13': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Tunnel GSO with inner IPv6 carries the TUNNEL_IPV6 bit (or, as Linux has it, that of the IP around it)',
    advice: 'Set UDP_TUNNEL_IPV6 (40) in gso_type of what is to be cut and goes through a tunnel as IPv6.',
    on: 'large',
    when: (k) => isCutWithin(k, 6),
    kept: isNamed,
    said: bits,
    facts: fields,
    follows: ['virtio/NET-TX-D19'],
  },
  'virtio/NET-TX-D16': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'UDP_TUNNEL_CSUM flag without HOST_UDP_TUNNEL_GSO_CSUM',
    advice: 'Accept HOST_UDP_TUNNEL_GSO_CSUM (68), or leave the outer checksum 0 or complete.',
    on: 'claimed',
    // Without CSUM any flag breaks NET-TX-D3.
    when: (k) => k.sent.flags !== 0 && k.accepted.has(CSUM) && !k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM),
    kept: (k) => !isFlagged(k),
    said: ({ sent }) => `the flags of a frame are ${hex(sent.flags, 2)}, without HOST_UDP_TUNNEL_GSO_CSUM`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D17': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'No tunnel gso bit on top of the UDP (UFO) gso type',
    advice: 'Have UDP within a tunnel cut as UDP_L4 (5), or fragment it before it is wrapped.',
    on: 'large',
    when: isTunnelled,
    kept: (k) => k.gso !== UDP,
    said: bits,
    facts: fields,
  },
  'virtio/NET-TX-D18': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'Not both tunnel gso bits at once',
    advice: 'Set the one of UDP_TUNNEL_IPV4 (20) and UDP_TUNNEL_IPV6 (40) that names the packet within.',
    on: 'large',
    when: isTunnelled,
    kept: (k) => tunnelBits(k) !== EITHER,
    said: bits,
    facts: fields,
  },
  'virtio/NET-TX-D19': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'UDP_TUNNEL_CSUM flag needs a tunnel gso bit',
    advice: 'Set UDP_TUNNEL_CSUM (8) in flags only of what is to be cut within a tunnel.',
    on: 'claimed',
    when: (k) => isFlagged(k) && k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM),
    kept: (k) => tunnelBits(k) !== 0,
    said: ({ sent }) =>
      `the flags of a frame are ${hex(sent.flags, 2)}, and gso_type, ${hex(sent.gsoType, 2)}, names no tunnel`,
    facts: fields,
  },
  'virtio/NET-TX-D28': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Tunnel GSO fills outer_th_offset and inner_nh_offset truthfully',
    advice:
      'Count all from the first byte of the frame: outer_th_offset to UDP, inner_nh_offset to IP within, csum_start to TCP or UDP within that.',
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
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'DATA_VALID never joins a tunnel gso bit',
    advice: 'Clear DATA_VALID (2), which only a device sets, when a header that was received is sent on.',
    on: 'large',
    when: isTunnelled,
    kept: ({ sent }) => (sent.flags & DATA_VALID) === 0,
    said: ({ sent }) =>
      `the flags of a frame are ${hex(sent.flags, 2)}, and gso_type is ${hex(sent.gsoType, 2)}`,
    facts: fields,
  },
  'virtio/NET-TX-D37': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'outer_nh_offset stays unused unless OUT_NET_HEADER is on and the frame has an outer network header',
    advice: 'Write to outer_nh_offset where IP begins, and only with OUT_NET_HEADER (69); else 0.',
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
