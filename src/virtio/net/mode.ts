import type { BitSet } from '../../core/bit-set.ts';
import type { Cut } from '../../net/offload/index.ts';
import { NET_FEATURE as F, NET_HDR_GSO, netHeaderSize } from './registers.ts';

/** What was negotiated, as far as frames go: made anew each time. */
export interface NetMode {
  /** Whether headers are little-endian. */
  readonly little: boolean;
  /** Bytes of virtio_net_hdr before each frame. */
  readonly headerSize: number;
  /** A frame that came may go on in further buffers. */
  readonly mergeable: boolean;
  /** A sender may leave checksums open. */
  readonly csum: boolean;
  /** A sender may have frames cut within a tunnel over UDP, and leave the checksum around them open, too. */
  readonly tunnels: boolean;
  readonly tunnelCsum: boolean;
  /** Joined packets come with numbers of what they were joined of. */
  readonly rsc: boolean;
  /** The header of a frame that comes has its hash. */
  readonly hash: boolean;
  /** Bytes behind the Ethernet header that a frame has at the most which is not to be cut. */
  readonly mtu: number;
  /** What a sender may leave uncut, by its gso_type without ECN. */
  readonly cuts: readonly (Cut | null | undefined)[];
}

/** @param mtu what the configuration says. */
export function netMode(accepted: BitSet, little: boolean, mtu: number): NetMode {
  const cuts: (Cut | null)[] = [];
  const may = (feature: number, cut: Cut) => {
    if (accepted.has(feature)) cuts[NET_HDR_GSO[cut]] = cut;
  };
  may(F.HOST_TSO4, 'TCPV4');
  may(F.HOST_TSO6, 'TCPV6');
  may(F.HOST_UFO, 'UDP');
  may(F.HOST_USO, 'UDP_L4');
  return {
    little,
    headerSize: netHeaderSize(accepted),
    mergeable: accepted.has(F.MRG_RXBUF),
    csum: accepted.has(F.CSUM),
    tunnels: accepted.has(F.HOST_UDP_TUNNEL_GSO),
    tunnelCsum: accepted.has(F.HOST_UDP_TUNNEL_GSO_CSUM),
    hash: accepted.has(F.HASH_REPORT),
    rsc: accepted.has(F.RSC_EXT),
    mtu: accepted.has(F.MTU) ? mtu : Number.POSITIVE_INFINITY,
    cuts,
  };
}
