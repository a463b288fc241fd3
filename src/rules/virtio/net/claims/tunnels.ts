import { hex } from '../../../../core/bits.ts';
import type { Rules } from '../../../../core/rule.ts';
import { NET_FEATURE, NET_HDR_UDP_TUNNEL } from '../../../../virtio/net/registers.ts';
import { type ClaimKnows, type ClaimMoment, fields, PACKET_TRANSMISSION } from './knows.ts';

const { CSUM, HOST_UDP_TUNNEL_GSO, HOST_UDP_TUNNEL_GSO_CSUM } = NET_FEATURE;
const { GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
const EITHER = GSO_IPV4 | GSO_IPV6;

/** What a header says of a tunnel over UDP. */
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
  'virtio/NET-TX-D16': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'UDP_TUNNEL_CSUM flag without HOST_UDP_TUNNEL_GSO_CSUM',
    advice: 'Accept HOST_UDP_TUNNEL_GSO_CSUM (68), or leave the outer checksum 0 or complete.',
    on: 'claimed',
    // Without CSUM there are no flags at all: NET-TX-D3.
    when: (k) => k.sent.flags !== 0 && k.accepted.has(CSUM) && !k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM),
    kept: (k) => (k.sent.flags & NET_HDR_UDP_TUNNEL.CSUM) === 0,
    said: ({ sent }) => `the flags of a frame are ${hex(sent.flags, 2)}, without HOST_UDP_TUNNEL_GSO_CSUM`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
} as const satisfies Rules<ClaimKnows, ClaimMoment>;

function tunnelBits({ sent }: ClaimKnows): number {
  return sent.gsoType & EITHER;
}
