import { checkObject, checkWhole } from '../../../core/checks.ts';
import { NET_HDR_F, NET_HDR_GSO } from '../../../virtio/net/registers.ts';
import type { TransmitHeader } from './transmit-ring.ts';

const IPV6_ETHERTYPE = 0x86dd;
/** In a header of TCP, the byte with CWR (RFC 3168). */
const TCP_FLAGS_AT = 13;
const CWR = 0x80;

/** What a sender says of a frame that the device is to cut into segments. Offsets count from its first byte. */
export interface Segmentation {
  /** Payload bytes of each segment. */
  readonly mss: number;
  /** Bytes of all headers, Ethernet to TCP. */
  readonly headerLength: number;
  /** Where the TCP header begins, and where in it the checksum is: 16. */
  readonly csumStart: number;
  readonly csumOffset: number;
}

/** @throws MisuseError for what is none. */
export function checkSegmentation(cut: Segmentation): void {
  checkObject('cut', cut);
  for (const field of ['headerLength', 'mss', 'csumStart', 'csumOffset'] as const)
    checkWhole(`cut.${field}`, cut[field], 0, 0xffff);
}

export function isIpv6(frame: Uint8Array): boolean {
  return ((frame[12]! << 8) | frame[13]!) === IPV6_ETHERTYPE;
}

/**
 * What the header says of a frame that the device is to cut.
 *
 * @param ecn HOST_ECN was accepted: the card is told of CWR, so that only the first segment has it.
 */
export function headerOf(frame: Uint8Array, cut: Segmentation, ecn: boolean): TransmitHeader {
  const marked = ecn && (frame[cut.csumStart + TCP_FLAGS_AT]! & CWR) !== 0;
  return {
    flags: NET_HDR_F.NEEDS_CSUM,
    gso_type: (isIpv6(frame) ? NET_HDR_GSO.TCPV6 : NET_HDR_GSO.TCPV4) | (marked ? NET_HDR_GSO.ECN : 0),
    hdr_len: cut.headerLength,
    gso_size: cut.mss,
    csum_start: cut.csumStart,
    csum_offset: cut.csumOffset,
  };
}
