import { get16 } from './big-endian.ts';
import { IPV4_OPTION, IPV6_EXTENSION, IPV6_FRAGMENT } from './headers.ts';

const { END, NOP, LOOSE_ROUTE, STRICT_ROUTE } = IPV4_OPTION;
const { HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION } = IPV6_EXTENSION;
const { OFFSET, MORE } = IPV6_FRAGMENT.mask;
/** Of a routing header: how many places are still to be visited. */
const SEGMENTS_LEFT = 3;
const FRAGMENT_SIZE = 8;

/** Whether IPv4 options lead the packet by other places (RFC 791, section 3.1). */
export function isRouted(frame: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to && frame[at] !== END; ) {
    const option = frame[at]!;
    if (option === LOOSE_ROUTE || option === STRICT_ROUTE) return true;
    at += option === NOP ? 1 : Math.max(2, frame[at + 1] ?? 2);
  }
  return false;
}

/** What the walk behind an IPv6 header finds, by the names of a `FrameLayout`. */
interface Walked {
  protocol: number;
  fragment: boolean;
  routed: boolean;
  upper: number;
}

/** Steps over extension headers from `at` on; `into.protocol` has the number of the first. */
export function walkExtensions(frame: Uint8Array, from: number, into: Walked): void {
  let at = from;
  while (isExtension(into.protocol)) {
    if (at + FRAGMENT_SIZE > frame.length) return;
    const kind = into.protocol;
    into.protocol = frame[at]!;
    if (kind === ROUTING && frame[at + SEGMENTS_LEFT] !== 0) into.routed = true;
    if (kind !== FRAGMENT) {
      at += kind === AUTHENTICATION ? (frame[at + 1]! + 2) * 4 : (frame[at + 1]! + 1) * 8;
      continue;
    }
    const where = get16(frame, at + IPV6_FRAGMENT.offset);
    if ((where & (OFFSET | MORE)) !== 0) into.fragment = true;
    at += FRAGMENT_SIZE;
    if ((where & OFFSET) !== 0) return;
  }
  if (at <= frame.length) into.upper = at;
}

function isExtension(protocol: number): boolean {
  return (
    protocol === HOP_BY_HOP ||
    protocol === ROUTING ||
    protocol === FRAGMENT ||
    protocol === AUTHENTICATION ||
    protocol === DESTINATION
  );
}
