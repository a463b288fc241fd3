import { checkObject, checkWhole } from '../../../core/checks.ts';

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

const TYPE_AT = 12;
const VLAN_TAG = 4;
const VLAN_TYPES: readonly number[] = [0x8100, 0x88a8];
const IPV6_TYPE = 0x86dd;
/** In a header of TCP, the byte with CWR (RFC 3168). */
const TCP_FLAGS_AT = 13;
const CWR = 0x80;

/** Whether a frame has IPv6, behind whatever tags. */
export function isIpv6(frame: Uint8Array): boolean {
  let at = TYPE_AT;
  const type = () => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  while (VLAN_TYPES.includes(type())) at += VLAN_TAG;
  return type() === IPV6_TYPE;
}

/** Whether the TCP header of a frame says that the sender has slowed down: the first segment alone is to say so. */
export function hasCwr(frame: Uint8Array, { csumStart }: Segmentation): boolean {
  return (frame[csumStart + TCP_FLAGS_AT]! & CWR) !== 0;
}
