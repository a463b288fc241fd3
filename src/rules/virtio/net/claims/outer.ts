import { get16 } from '../../../../net/frame/big-endian.ts';
import { internetSum } from '../../../../net/frame/checksum.ts';
import { ipv6, udp } from '../../../../net/frame/headers.ts';
import type { FrameLayout } from '../../../../net/frame/layout.ts';
import type { ClaimKnows } from './knows.ts';
import { isSame, pseudoSum } from './sums.ts';

const WHOLE = 0xffff;

/** What the checksum of UDP is, around a packet that is to be cut. */
export const OUTER = {
  NONE: 0,
  /** That of its pseudo-header: somebody is to finish it. */
  OPEN: 1,
  /** That of each segment. */
  COMPLETE: 2,
  WRONG: 3,
  /** Nobody here can tell. */
  UNKNOWN: 4,
} as const;

export function outerOf({ sent, at, inner }: ClaimKnows): number {
  const { frame, gsoSize } = sent;
  const field = get16(frame, at.upper + udp.offset.checksum);
  if (field === 0) return OUTER.NONE;
  if (isOpen(frame, at, field)) return OUTER.OPEN;
  if (at.routed || inner.routed || inner.transport === 0 || (inner.upper - at.upper) % 2 !== 0)
    return OUTER.UNKNOWN;
  return isComplete(frame, at, inner, gsoSize) ? OUTER.COMPLETE : OUTER.WRONG;
}

/** With the length that UDP has, or IP, or all that is there, or none. */
function isOpen(frame: Uint8Array, at: FrameLayout, field: number): boolean {
  const sumWith = (length: number) => isSame(field, pseudoSum(frame, at.ip, at.protocol, length));
  return (
    sumWith(get16(frame, at.upper + udp.offset.length)) ||
    sumWith(at.end - at.upper) ||
    sumWith(frame.length - at.upper) ||
    sumWith(0)
  );
}

/**
 * Whether it is right for each segment (virtio 1.4, Packet Transmission): they are then of one size, which is what UDP
 * says that it carries. What is complete within sums up to nothing: IPv4 to all of its header, TCP and UDP to all but the
 * pseudo-header.
 */
function isComplete(frame: Uint8Array, at: FrameLayout, inner: FrameLayout, gsoSize: number): boolean {
  const payload = frame.length - inner.payload;
  const piece = Math.min(gsoSize, payload);
  const length = inner.payload - at.upper + piece;
  if (piece === 0 || payload % piece !== 0) return false;
  if (get16(frame, at.upper + udp.offset.length) !== length) return false;
  const upper = inner.payload - inner.upper + piece;
  const around = internetSum(frame, at.upper, inner.ip, pseudoSum(frame, at.ip, at.protocol, length));
  const total =
    around +
    (inner.version === 4 ? 0 : sixOf(frame, inner, upper)) +
    (~pseudoSum(frame, inner.ip, inner.protocol, upper) & WHOLE);
  return total % WHOLE === 0;
}

/** The sum of all between the start of an IPv6 header and what it carries, in a segment of which `upper` bytes remain. */
function sixOf(frame: Uint8Array, inner: FrameLayout, upper: number): number {
  const field = inner.ip + ipv6.offset.payload_length;
  const length = inner.upper - (inner.ip + ipv6.size) + upper;
  return internetSum(frame, inner.ip, inner.upper) + (~get16(frame, field) & WHOLE) + length;
}
