import { put16 } from '../../core/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';
import { ipv4, ipv6, LONGEST_DATAGRAM } from '../frame/headers.ts';
import type { FrameLayout } from '../frame/layout.ts';

const { total_length, header_checksum } = ipv4.offset;
const { payload_length } = ipv6.offset;

/** Whether an IP header can express the length of a frame of `length` bytes. */
export function fitsIp({ ip, version }: FrameLayout, length: number): boolean {
  return length - ip - (version === 6 ? ipv6.size : 0) <= LONGEST_DATAGRAM;
}

/** Sets the length in the IP header of a frame of `length` bytes, and its checksum; IPv4's header ends at `upper`. */
export function putIpLength(
  frame: Uint8Array,
  { ip, version }: FrameLayout,
  upper: number,
  length: number,
): void {
  if (version === 6) {
    put16(frame, ip + payload_length, length - ip - ipv6.size);
    return;
  }
  put16(frame, ip + total_length, length - ip);
  put16(frame, ip + header_checksum, 0);
  put16(frame, ip + header_checksum, internetChecksum(frame, ip, upper));
}
