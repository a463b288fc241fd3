import { put16 } from '../frame/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';
import { udp } from '../frame/headers.ts';

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
