import { put16 } from '../../core/big-endian.ts';
import { internetChecksum, pseudoSum } from '../frame/checksum.ts';
import { PROTOCOL, tcp, udp } from '../frame/headers.ts';
import type { FrameLayout } from '../frame/layout.ts';

/**
 * Completes in place a checksum that a driver left partial: sums from `csumStart` to the end, where the
 * field at `csumStart + csumOffset` holds the pseudo-header's sum, and stores the complement there.
 *
 * False, with nothing touched, if the field does not lie wholly inside the frame.
 */
export function completeChecksum(frame: Uint8Array, csumStart: number, csumOffset: number): boolean {
  const field = csumStart + csumOffset;
  if (field + 2 > frame.length) return false;
  const checksum = internetChecksum(frame, csumStart, frame.length);
  // RFC 768: 0 means no checksum. Only the offset distinguishes UDP from TCP here.
  const mangled = checksum === 0 && csumOffset === udp.offset.checksum ? 0xffff : checksum;
  put16(frame, field, mangled);
  return true;
}

/**
 * Computes the checksum of a frame's TCP or UDP, whatever its field holds. False, with nothing touched, if it has neither, or
 * ends before its IP length says.
 */
export function computeChecksum(frame: Uint8Array, at: FrameLayout): boolean {
  const { transport, end, fragment } = at;
  if (transport === 0 || fragment || end > frame.length || end < at.payload) return false;
  putSum(frame, at, end, pseudoSum(frame, at, end - transport));
  return true;
}

/** Sums up to `end`, plus `seed`. RFC 768: in UDP, 0 means no checksum. */
export function putSum(
  frame: Uint8Array,
  { transport, protocol }: FrameLayout,
  end: number,
  seed: number,
): void {
  const field = transport + (protocol === PROTOCOL.TCP ? tcp.offset.checksum : udp.offset.checksum);
  put16(frame, field, 0);
  const sum = internetChecksum(frame, transport, end, seed);
  put16(frame, field, sum === 0 && protocol === PROTOCOL.UDP ? 0xffff : sum);
}
