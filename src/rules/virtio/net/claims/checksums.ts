import type { Rules } from '../../../../core/rule.ts';
import { PROTOCOL } from '../../../../net/frame/headers.ts';
import { NET_FEATURE, NET_HDR_GSO, NET_HDR_UDP_TUNNEL } from '../../../../virtio/net/registers.ts';
import { type ClaimKnows, type ClaimMoment, fields, isKnown, PACKET_TRANSMISSION } from './knows.ts';
import { OUTER } from './outer.ts';
import { PLACE } from './place.ts';
import { hasNoHeaderSum, holdsPseudo, isHeaderWhole, outerHolds, SUMS } from './sums.ts';

const { CSUM, HOST_UDP_TUNNEL_GSO_CSUM } = NET_FEATURE;
const { RIGHT, WITHIN, OUTSIDE, UNKNOWN } = PLACE;

/** Rules on the header's claims about checksums, checked against the frame. */
export const CHECKSUMS = {
  'virtio/NET-TX-D4': {
    where: PACKET_TRANSMISSION,
    text: 'A driver without CSUM SHOULD send frames with complete checksums.',
    advice: 'Compute the checksums of IPv4, TCP, UDP and ICMP before sending, or accept CSUM (0).',
    on: 'closed',
    when: (k) => !k.accepted.has(CSUM) && k.sums !== SUMS.NONE,
    kept: (k) => k.sums === SUMS.RIGHT,
    said: (k) =>
      `the checksum of ${k.sums === SUMS.HEADER ? 'the IPv4 header' : nameOf(k)} is wrong, without CSUM`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D20': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST complete every checksum before csum_start in a frame with NEEDS_CSUM.',
    advice: 'Complete the checksum of the IPv4 header, and of any outer packet, before sending.',
    on: 'open',
    when: (k) => k.place <= WITHIN && (k.at.version === 4 || k.place === WITHIN),
    kept: isVouchedFor,
    said: ({ sent }) => `a checksum before csum_start, which is ${sent.csumStart}, is wrong`,
    facts: fields,
  },
  'virtio/NET-TX-D21': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST store the sum of the pseudo-header to the checksum field of a frame with NEEDS_CSUM.',
    advice:
      "Store the sum of the pseudo-header, not complemented, to the checksum field: the device adds the rest. Use the packet's own length; in a frame that is to be cut, 0 will do.",
    on: 'open',
    when: (k) => k.place <= WITHIN && isKnown(k) && !k.at.routed && k.sent.csumOffset !== ICMP_CHECKSUM,
    kept: (k) => holdsPseudo(k.sent.frame, k.ip, summed(k), k.sent.csumStart, k.sent.csumOffset, isLarge(k)),
    said: ({ sent }) =>
      `the checksum field at ${sent.csumStart + sent.csumOffset} of a frame does not hold the sum of its pseudo-header`,
    facts: fields,
  },
  'virtio/NET-TX-D22': {
    where: PACKET_TRANSMISSION,
    text: "A driver MUST set csum_start and csum_offset so that the device's sum makes the packet correct.",
    advice:
      "Set csum_start to where TCP or UDP begins, from the frame's first byte, and csum_offset to where in it the checksum is: 16 or 6.",
    on: 'open',
    when: (k) => k.place !== UNKNOWN && !isSwapped(k),
    kept: (k) => k.place <= WITHIN,
    said: ({ place, sent: { csumStart, csumOffset } }) =>
      place === OUTSIDE
        ? `the checksum lies outside the frame; csum_start is ${csumStart}`
        : `no checksum is at csum_start ${csumStart} and csum_offset ${csumOffset}`,
    facts: fields,
  },
  'virtio/NET-OP-LEG-D1': {
    where: 'virtio 1.4, Legacy Interface: Device Operation',
    text: "A driver of the legacy interface MUST store packet header fields in the guest's byte order.",
    advice: 'Store hdr_len, gso_size, csum_start and csum_offset as the guest stores any number.',
    on: 'open',
    when: (k) => k.big && k.place !== UNKNOWN,
    kept: (k) => !isSwapped(k),
    said: ({ sent: { csumStart, csumOffset } }) =>
      `csum_start ${csumStart} and csum_offset ${csumOffset} point at a checksum only if they are read little-endian`,
    facts: fields,
  },
  'virtio/NET-IMP-8': {
    where: PACKET_TRANSMISSION,
    text: 'A driver SHOULD set NEEDS_CSUM in a frame whose checksum it did not complete.',
    advice:
      'Set NEEDS_CSUM, csum_start and csum_offset in each frame that holds only the sum of its pseudo-header.',
    on: 'closed',
    when: (k) => k.accepted.has(CSUM) && k.sums !== SUMS.NONE,
    kept: (k) => !k.leftOpen,
    said: (k) => `the checksum of ${nameOf(k)} is open, and the flags of its header do not say so`,
    facts: fields,
  },
} as const satisfies Rules<ClaimKnows, ClaimMoment>;

/** ICMP over IPv4 has no pseudo-header, and its checksum is at an offset that TCP and UDP do not have. */
const ICMP_CHECKSUM = 2;

/** The fields are right in the other byte order, and wrong as they are. */
function isSwapped({ place, swapped }: ClaimKnows): boolean {
  return place > WITHIN && swapped <= WITHIN;
}

function isLarge({ gso }: ClaimKnows): boolean {
  return gso !== NET_HDR_GSO.NONE;
}

/** The protocol whose checksum is open. */
function summed({ place, at, sent }: ClaimKnows): number {
  if (place === RIGHT) return at.protocol;
  return sent.csumOffset === UDP_CHECKSUM ? PROTOCOL.UDP : PROTOCOL.TCP;
}

const UDP_CHECKSUM = 6;

function isVouchedFor(k: ClaimKnows): boolean {
  const { at, place, ip, sent } = k;
  const { frame, csumStart, csumOffset } = sent;
  if (at.version === 4 && !isHeaderGood(k, at.ip)) return false;
  if (place === RIGHT) return true;
  const six = frame[ip]! >> 4 === 6;
  if (!six && !isHeaderGood(k, ip)) return false;
  return isLarge(k) ? isLeftAlone(k) : outerHolds(frame, at, csumStart, csumOffset);
}

/** The outer checksum of a frame to be segmented. Other rules cover it without HOST_UDP_TUNNEL_GSO_CSUM, or if open. */
function isLeftAlone({ accepted, outer, sent }: ClaimKnows): boolean {
  if (!accepted.has(HOST_UDP_TUNNEL_GSO_CSUM) || (sent.flags & NET_HDR_UDP_TUNNEL.CSUM) !== 0) return true;
  return outer !== OUTER.WRONG;
}

/** Each segment gets a header checksum of its own, so drivers leave it out of a frame that is to be segmented. */
function isHeaderGood(k: ClaimKnows, ip: number): boolean {
  const { frame } = k.sent;
  return isHeaderWhole(frame, ip) || (isLarge(k) && hasNoHeaderSum(frame, ip));
}

function nameOf({ at }: ClaimKnows): string {
  switch (at.protocol) {
    case PROTOCOL.TCP:
      return 'TCP';
    case PROTOCOL.UDP:
      return 'UDP';
    default:
      return 'ICMP';
  }
}
