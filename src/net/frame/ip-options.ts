import { get16 } from '../../core/big-endian.ts';
import { IPV4_OPTION, IPV6_EXTENSION, IPV6_FRAGMENT } from './headers.ts';

const { END, NOP, LOOSE_ROUTE, STRICT_ROUTE } = IPV4_OPTION;
const { HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION } = IPV6_EXTENSION;
const { OFFSET, MORE } = IPV6_FRAGMENT.mask;
/** A routing header: its type, and the number of segments left; then addresses. */
const [ROUTING_TYPE, SEGMENTS_LEFT, ROUTE] = [2, 3, 8];
/** Types whose final destination is the last address (RFC 2460, RFC 6275), or the first (RFC 8754). */
const [SOURCE_ROUTE, HOME_ADDRESS, SEGMENT_ROUTING] = [0, 2, 4];
const IPV6_ADDRESS = 16;
const IPV4_ADDRESS = 4;
const FRAGMENT_SIZE = 8;

/** Result of a walk over the headers between IP and its payload, by the names of a `FrameLayout`. */
interface Walked {
  protocol: number;
  fragment: boolean;
  routed: boolean;
  destination: number;
  upper: number;
}

/** Whether IPv4 options hold a source route, and the place of its last address (RFC 791, section 3.1). */
export function walkOptions(frame: Uint8Array, from: number, to: number, into: Walked): void {
  for (let at = from; at < to && frame[at] !== END; ) {
    const option = frame[at]!;
    const length = optionLength(frame, at);
    if (option === LOOSE_ROUTE || option === STRICT_ROUTE) {
      into.routed = true;
      const [pointer, last] = [frame[at + 2]!, at + length - IPV4_ADDRESS];
      if (pointer <= length && last > at + 2 && last + IPV4_ADDRESS <= to) into.destination = last;
      return;
    }
    at += length;
  }
}

/** Bytes of the IPv4 option at `at`, at least one. */
export function optionLength(frame: Uint8Array, at: number): number {
  return frame[at]! <= NOP ? 1 : Math.max(2, frame[at + 1] ?? 2);
}

/** Steps over extension headers from `at` on; `into.protocol` has the number of the first. */
export function walkExtensions(frame: Uint8Array, from: number, into: Walked): void {
  let at = from;
  while (isExtension(into.protocol)) {
    if (at + FRAGMENT_SIZE > frame.length) return;
    const kind = into.protocol;
    into.protocol = frame[at]!;
    if (kind === ROUTING && frame[at + SEGMENTS_LEFT] !== 0) route(frame, at, into);
    if (kind !== FRAGMENT) {
      at += extensionLength(frame, at, kind);
      continue;
    }
    const where = get16(frame, at + IPV6_FRAGMENT.offset);
    if ((where & (OFFSET | MORE)) !== 0) into.fragment = true;
    at += FRAGMENT_SIZE;
    if ((where & OFFSET) !== 0) return;
  }
  if (at <= frame.length) into.upper = at;
}

/** Bytes of an extension header, except a fragment header. */
export function extensionLength(frame: Uint8Array, at: number, kind: number): number {
  return kind === AUTHENTICATION ? (frame[at + 1]! + 2) * 4 : (frame[at + 1]! + 1) * 8;
}

function route(frame: Uint8Array, at: number, into: Walked): void {
  into.routed = true;
  const kind = frame[at + ROUTING_TYPE]!;
  const end = at + extensionLength(frame, at, ROUTING);
  const known = kind === SOURCE_ROUTE || kind === HOME_ADDRESS || kind === SEGMENT_ROUTING;
  if (!known || end > frame.length || end < at + ROUTE + IPV6_ADDRESS) return;
  into.destination = kind === SEGMENT_ROUTING ? at + ROUTE : end - IPV6_ADDRESS;
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
