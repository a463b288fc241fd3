import { put16 } from '../frame/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';
import { udp } from '../frame/headers.ts';

/**
 * Finishes in place a checksum that a driver left open: sums from `csumStart` to the end, where the
 * field at `csumStart + csumOffset` holds the pseudo-header's sum, and stores the complement there.
 *
 * False, with nothing touched, if the field does not lie wholly inside the frame.
 */
export function completeChecksum(frame: Uint8Array, csumStart: number, csumOffset: number): boolean {
  const field = csumStart + csumOffset;
  if (field + 2 > frame.length) return false;
  const checksum = internetChecksum(frame, csumStart, frame.length);
  // RFC 768: 0 means that no checksum was made. The offset tells UDP from TCP, as nothing else here does.
  const mangled = checksum === 0 && csumOffset === udp.offset.checksum ? 0xffff : checksum;
  put16(frame, field, mangled);
  return true;
}
