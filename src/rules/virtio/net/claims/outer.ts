import { get16 } from '../../../../core/big-endian.ts';
import { internetSum } from '../../../../net/frame/checksum.ts';
import { ipv6, udp } from '../../../../net/frame/headers.ts';
import type { FrameLayout } from '../../../../net/frame/layout.ts';
import type { ClaimKnows } from './knows.ts';
import { isSame, pseudoSum } from './sums.ts';

const WHOLE = 0xffff;

/** States of the outer UDP checksum around a packet that is to be segmented. */
export const OUTER = {
  NONE: 0,
  /** The sum of its pseudo-header, to be finished. */
  OPEN: 1,
  /** The right checksum of each segment. */
  COMPLETE: 2,
  WRONG: 3,
  /** Not known here. */
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

/** Whether the field is the pseudo-header's sum, with the length in UDP, or in IP, or to the frame's end, or 0. */
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
 * Whether it is right for each segment (virtio 1.4, Packet Transmission). They are then of one size, which is the length
 * in UDP. Inner parts with complete checksums sum up to 0: all of the IPv4 header, and TCP or UDP with its pseudo-header.
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
