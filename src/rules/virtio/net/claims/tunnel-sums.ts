import type { Rules } from '../../../../core/rule.ts';
import { NET_FEATURE } from '../../../../virtio/net/registers.ts';
import {
  type ClaimKnows,
  type ClaimMoment,
  fields,
  isFlagged,
  isTunnelled,
  PACKET_TRANSMISSION,
  tunnelBits,
} from './knows.ts';
import { OUTER } from './outer.ts';
import { PLACE } from './place.ts';

const { HOST_UDP_TUNNEL_GSO, HOST_UDP_TUNNEL_GSO_CSUM } = NET_FEATURE;

/** Rules on the outer UDP checksum around a packet that is to be segmented. */
export const TUNNEL_SUMS = {
  'virtio/NET-TX-D14': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'Tunnel GSO needing an outer UDP checksum only when both tunnel features are on',
    advice:
      'Accept HOST_UDP_TUNNEL_GSO (67) and HOST_UDP_TUNNEL_GSO_CSUM (68), or cut what goes through a tunnel before it is wrapped.',
    on: 'large',
    when: (k) =>
      k.place === PLACE.WITHIN &&
      !(k.accepted.has(HOST_UDP_TUNNEL_GSO) && k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM)),
    // If a tunnel is named, a checksum wrongly left open breaks NET-TX-D30.
    kept: (k) => k.outer !== OUTER.OPEN || tunnelBits(k) !== 0,
    said: ({ at }) =>
      `a frame in a tunnel is to be cut, and the checksum of UDP at ${at.upper} is open, which the card does not know of`,
    facts: fields,
    since: (k) => k.negotiatedAt,
    follows: ['virtio/NET-TX-D12', 'virtio/NET-TX-D13', 'virtio/NET-TX-D16'],
  },
  'virtio/NET-TX-D15': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Such frames carry a tunnel gso bit and the UDP_TUNNEL_CSUM flag',
    advice: 'Set UDP_TUNNEL_CSUM (8) in flags where the checksum of UDP around the packet is open.',
    on: 'large',
    when: (k) => isOffered(k) && k.outer === OUTER.OPEN,
    kept: isFlagged,
    said: ({ at }) => `the checksum of UDP at ${at.upper} is open, and flags have no UDP_TUNNEL_CSUM`,
    facts: fields,
  },
  'virtio/NET-TX-D29': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'UDP_TUNNEL_CSUM leaves the outer pseudo-header sum in the outer UDP header',
    advice:
      'Store the sum of the pseudo-header around, not complemented, to the checksum field of UDP: the card adds the rest.',
    on: 'large',
    when: (k) => isOffered(k) && isFlagged(k),
    kept: (k) => k.outer === OUTER.OPEN,
    said: ({ at }) =>
      `the flags of a frame have UDP_TUNNEL_CSUM, and the checksum of UDP at ${at.upper} is not that of its pseudo-header`,
    facts: fields,
  },
  'virtio/NET-TX-D30': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'Tunnel GSO without the CSUM feature has no outer sum left to finish',
    advice: 'Leave the checksum of UDP around the packet 0, or accept HOST_UDP_TUNNEL_GSO_CSUM (68).',
    on: 'large',
    when: isAlone,
    kept: (k) => k.outer !== OUTER.OPEN,
    said: ({ at }) => `the checksum of UDP at ${at.upper} is open, without HOST_UDP_TUNNEL_GSO_CSUM`,
    facts: fields,
    since: (k) => k.negotiatedAt,
    follows: ['virtio/NET-TX-D16'],
  },
  'virtio/NET-TX-D31': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'In that case the outer UDP sum is 0 or already complete per segment',
    advice:
      'Leave the checksum of UDP around the packet 0: it can be right for each segment only if all are of one size, which UDP then says it has.',
    on: 'large',
    when: isAlone,
    kept: (k) => k.outer !== OUTER.WRONG,
    said: ({ at }) => `the checksum of UDP at ${at.upper} is not 0, and will be right for no segment`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
} as const satisfies Rules<ClaimKnows, ClaimMoment>;

/** The card segments within the tunnel, and can finish the outer checksum. */
function isOffered(k: ClaimKnows): boolean {
  return isTunnelled(k) && k.place === PLACE.WITHIN && k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM);
}

/** The card segments within the tunnel, and cannot finish the outer checksum. */
function isAlone(k: ClaimKnows): boolean {
  return isTunnelled(k) && k.place === PLACE.WITHIN && !k.accepted.has(HOST_UDP_TUNNEL_GSO_CSUM);
}
