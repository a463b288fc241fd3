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
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT send a tunnel GSO frame with an open outer UDP checksum unless it negotiated both tunnel features.',
    advice:
      'Accept HOST_UDP_TUNNEL_GSO (67) and HOST_UDP_TUNNEL_GSO_CSUM (68), or cut the packet before it is encapsulated.',
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
  },
  'virtio/NET-TX-D15': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST set a tunnel GSO bit and UDP_TUNNEL_CSUM in a tunnel GSO frame with an open outer UDP checksum.',
    advice: 'Set UDP_TUNNEL_CSUM (8) in flags if the outer UDP checksum is open.',
    on: 'large',
    when: (k) => isOffered(k) && k.outer === OUTER.OPEN,
    kept: isFlagged,
    said: ({ at }) => `the checksum of UDP at ${at.upper} is open, and flags have no UDP_TUNNEL_CSUM`,
    facts: fields,
  },
  'virtio/NET-TX-D29': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST store the sum of the outer pseudo-header to the outer UDP header of a frame with UDP_TUNNEL_CSUM.',
    advice:
      'Store the sum of the outer pseudo-header, not complemented, to the UDP checksum field: the card adds the rest.',
    on: 'large',
    when: (k) => isOffered(k) && isFlagged(k),
    kept: (k) => k.outer === OUTER.OPEN,
    said: ({ at }) =>
      `the flags of a frame have UDP_TUNNEL_CSUM, and the checksum of UDP at ${at.upper} is not that of its pseudo-header`,
    facts: fields,
  },
  'virtio/NET-TX-D30': {
    where: PACKET_TRANSMISSION,
    text: 'A driver without HOST_UDP_TUNNEL_GSO_CSUM MUST NOT send a tunnel GSO frame with an open outer UDP checksum.',
    advice: 'Set the outer UDP checksum to 0, or accept HOST_UDP_TUNNEL_GSO_CSUM (68).',
    on: 'large',
    when: isAlone,
    kept: (k) => k.outer !== OUTER.OPEN,
    said: ({ at }) => `the checksum of UDP at ${at.upper} is open, without HOST_UDP_TUNNEL_GSO_CSUM`,
    facts: fields,
    since: (k) => k.negotiatedAt,
    follows: ['virtio/NET-TX-D16'],
  },
  'virtio/NET-TX-D31': {
    where: PACKET_TRANSMISSION,
    text: 'A driver without HOST_UDP_TUNNEL_GSO_CSUM MUST set the outer UDP checksum of a tunnel GSO frame to 0 or to the value right for each segment.',
    advice:
      'Set the outer UDP checksum to 0: it is right for each segment only if all have one size, and UDP states that size.',
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
