import { get16 } from '../../../../core/big-endian.ts';
import { internetSum, pseudoSum4, pseudoSum6 } from '../../../../net/frame/checksum.ts';
import { icmp, ipv4, PROTOCOL, tcp, udp } from '../../../../net/frame/headers.ts';
import type { FrameLayout } from '../../../../net/frame/layout.ts';
import { lengthFrom } from './place.ts';

const { TCP, UDP, ICMP, ICMPV6 } = PROTOCOL;
const WHOLE = 0xffff;
const FOUR = 4;

/** States of the checksums of a frame. */
export const SUMS = { NONE: 0, RIGHT: 1, HEADER: 2, UPPER: 3 } as const;

/** The state of a frame whose checksums should be complete; NONE if none can be checked. */
export function completeSums(frame: Uint8Array, at: FrameLayout): number {
  if (at.version === 0) return SUMS.NONE;
  const four = at.version === 4;
  if (four && !isHeaderWhole(frame, at.ip)) return SUMS.HEADER;
  const upper = upperSum(frame, at);
  if (upper < 0) return four ? SUMS.RIGHT : SUMS.NONE;
  return upper === WHOLE ? SUMS.RIGHT : SUMS.UPPER;
}

/** Whether the IPv4 header at `ip` has no checksum at all. */
export function hasNoHeaderSum(frame: Uint8Array, ip: number): boolean {
  return get16(frame, ip + ipv4.offset.header_checksum) === 0;
}

/** Whether the IPv4 header at `ip` has the right checksum. */
export function isHeaderWhole(frame: Uint8Array, ip: number): boolean {
  return internetSum(frame, ip, ip + (frame[ip]! & 0xf) * 4) === WHOLE;
}

/** The sum of TCP, UDP or ICMP with its pseudo-header, ffff if right; -1 where it cannot be checked. */
function upperSum(frame: Uint8Array, at: FrameLayout): number {
  if (!hasUpper(frame, at)) return -1;
  const { upper, protocol, end } = at;
  if (protocol === ICMP) return end - upper < icmp.size ? -1 : internetSum(frame, upper, end);
  if (protocol === ICMPV6)
    return end - upper < icmp.size
      ? -1
      : internetSum(frame, upper, end, pseudoSum(frame, at.ip, ICMPV6, end - upper));
  if (at.transport === 0) return -1;
  const length = protocol === UDP ? get16(frame, upper + udp.offset.length) : end - upper;
  if (length > end - upper || length < at.payload - upper) return -1;
  if (protocol === UDP && get16(frame, upper + udp.offset.checksum) === 0) return -1;
  return internetSum(frame, upper, upper + length, pseudoSum(frame, at.ip, protocol, length));
}

/** Whether the whole payload of IP is there, unfragmented and without a routing header. */
function hasUpper(frame: Uint8Array, at: FrameLayout): boolean {
  return at.upper !== 0 && !at.fragment && !at.routed && at.upper < at.end && at.end <= frame.length;
}

/** Whether TCP or UDP has only the pseudo-header's sum in its checksum field. */
export function isLeftOpen(frame: Uint8Array, at: FrameLayout): boolean {
  const field = get16(frame, at.transport + sumField(at.protocol));
  if (!isSame(field, pseudoSum(frame, at.ip, at.protocol, at.end - at.transport))) return false;
  const sum = upperSum(frame, at);
  // It may happen to be the right one.
  return sum >= 0 && sum !== WHOLE;
}

/** Whether it is TCP or UDP, with a checksum that can be checked. */
export function hasSum(frame: Uint8Array, at: FrameLayout): boolean {
  return (
    at.transport !== 0 && hasUpper(frame, at) && get16(frame, at.transport + sumField(at.protocol)) !== 0
  );
}

/**
 * Whether the field at `start + offset` holds the pseudo-header's sum. In a frame to be segmented, the length in it may
 * be 0, or that of the rest of the frame.
 */
export function holdsPseudo(
  frame: Uint8Array,
  ip: number,
  protocol: number,
  start: number,
  offset: number,
  large: boolean,
): boolean {
  const field = get16(frame, start + offset);
  const length = lengthFrom(frame, ip, start);
  const rest = frame.length - start;
  if (isSame(field, pseudoSum(frame, ip, protocol, length === 0 ? rest : length))) return true;
  if (!large) return false;
  return (
    isSame(field, pseudoSum(frame, ip, protocol, 0)) || isSame(field, pseudoSum(frame, ip, protocol, rest))
  );
}

/**
 * Whether the checksum of the UDP header at `at.upper` is 0 or will be right when the open one behind `start` is
 * finished: all bytes from `start` on then sum up to the complement of what its field holds now.
 */
export function outerHolds(frame: Uint8Array, at: FrameLayout, start: number, offset: number): boolean {
  if (at.routed || get16(frame, at.upper + udp.offset.checksum) === 0) return true;
  if ((start - at.upper) % 2 !== 0) return true;
  const length = get16(frame, at.upper + udp.offset.length);
  const pseudo = pseudoSum(frame, at.ip, UDP, length);
  const before = internetSum(frame, at.upper, start, pseudo);
  return (before + (~get16(frame, start + offset) & WHOLE)) % WHOLE === 0;
}

export function pseudoSum(frame: Uint8Array, ip: number, protocol: number, length: number): number {
  return frame[ip]! >> 4 === FOUR
    ? pseudoSum4(frame, ip, protocol, length)
    : pseudoSum6(frame, ip, protocol, length);
}

function sumField(protocol: number): number {
  return protocol === TCP ? tcp.offset.checksum : udp.offset.checksum;
}

/** Equality of ones' complement sums, in which 0 is ffff. */
export function isSame(one: number, other: number): boolean {
  return one === other || one % WHOLE === other % WHOLE;
}
