import { checkBytes, checkObject, checkWhole } from '../../../core/checks.ts';
import { NET_HDR_F, NET_HDR_GSO, NET_HDR_UDP_TUNNEL } from '../../../virtio/net/registers.ts';
import type { NetFeatureName } from './features.ts';
import type { TransmitHeader } from './transmit-ring.ts';

const { NEEDS_CSUM } = NET_HDR_F;
const { TCPV4, TCPV6, ECN } = NET_HDR_GSO;
const { CSUM, GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
const TYPE_AT = 12;
const VLAN_TAG = 4;
const VLAN_TYPES: readonly number[] = [0x8100, 0x88a8];
const IPV6_TYPE = 0x86dd;
/** The byte with CWR in a TCP header (RFC 3168). */
const TCP_FLAGS_AT = 13;
const CWR = 0x80;

/** Offsets of the headers of a tunnel over UDP, in bytes from the start of the frame. */
export interface TunnelOffsets {
  /** Outer UDP. */
  readonly outerTransport: number;
  /** Inner IP. */
  readonly innerNetwork: number;
  /** The outer checksum holds the pseudo-header's sum, and the device completes it. Default: no outer checksum. */
  readonly open?: boolean;
}

/** A sender's parameters for a frame to be segmented. Offsets count from its first byte. */
export interface Segmentation {
  /** Payload bytes of each segment. */
  readonly mss: number;
  /** Bytes of all headers, Ethernet to TCP. */
  readonly headerLength: number;
  /** Offset of the TCP header, and in it of the checksum: 16. */
  readonly csumStart: number;
  readonly csumOffset: number;
  /** Default: no tunnel. */
  readonly tunnel?: TunnelOffsets;
}

/** The kind of large frame: TCP, UDP datagrams to be split, or one datagram to be fragmented. */
export type LargeKind = 'TCP' | 'UDP_L4' | 'UDP';

function checkSegmentation(frame: Uint8Array, cut: Segmentation): void {
  checkBytes('frame', frame);
  checkObject('cut', cut);
  for (const field of ['headerLength', 'mss', 'csumStart', 'csumOffset'] as const)
    checkWhole(`cut.${field}`, cut[field], 0, 0xffff);
  if (cut.tunnel === undefined) return;
  checkObject('cut.tunnel', cut.tunnel);
  for (const field of ['outerTransport', 'innerNetwork'] as const)
    checkWhole(`cut.tunnel.${field}`, cut.tunnel[field], 0, 0xffff);
}

/** The features needed for it. @throws MisuseError for an invalid frame or segmentation. */
export function neededFor(kind: LargeKind, frame: Uint8Array, cut: Segmentation): NetFeatureName[] {
  checkSegmentation(frame, cut);
  return [
    featureOf(kind, frame, cut),
    ...(cut.tunnel === undefined ? [] : (['HOST_UDP_TUNNEL_GSO'] as const)),
    ...(cut.tunnel?.open === true ? (['HOST_UDP_TUNNEL_GSO_CSUM'] as const) : []),
  ];
}

/** @param tellsEcn HOST_ECN is on: the card is informed of CWR, so that only the first segment has it. */
export function largeHeader(
  kind: LargeKind,
  frame: Uint8Array,
  cut: Segmentation,
  tellsEcn: boolean,
): TransmitHeader {
  const { tunnel, csumStart } = cut;
  const six = isSix(frame, cut);
  const tcp = kind === 'TCP';
  const marked = tcp && (frame[csumStart + TCP_FLAGS_AT]! & CWR) !== 0;
  const around = tunnel === undefined ? 0 : six ? GSO_IPV6 : GSO_IPV4;
  return {
    flags: NEEDS_CSUM | (tunnel?.open === true ? CSUM : 0),
    gso_type: (tcp ? (six ? TCPV6 : TCPV4) : NET_HDR_GSO[kind]) | around | (marked && tellsEcn ? ECN : 0),
    hdr_len: cut.headerLength,
    gso_size: cut.mss,
    csum_start: csumStart,
    csum_offset: cut.csumOffset,
    ...(tunnel !== undefined && {
      outer_th_offset: tunnel.outerTransport,
      inner_nh_offset: tunnel.innerNetwork,
    }),
  };
}

function featureOf(kind: LargeKind, frame: Uint8Array, cut: Segmentation): NetFeatureName {
  if (kind === 'UDP') return 'HOST_UFO';
  if (kind === 'UDP_L4') return 'HOST_USO';
  return isSix(frame, cut) ? 'HOST_TSO6' : 'HOST_TSO4';
}

/** For the packet to be segmented. */
function isSix(frame: Uint8Array, { tunnel }: Segmentation): boolean {
  return tunnel === undefined ? isIpv6(frame) : frame[tunnel.innerNetwork]! >> 4 === 6;
}

/** After any tags. */
function isIpv6(frame: Uint8Array): boolean {
  let at = TYPE_AT;
  const type = () => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  while (VLAN_TYPES.includes(type())) at += VLAN_TAG;
  return type() === IPV6_TYPE;
}
