import type { BitSet } from '../../core/bit-set.ts';
import type { Cut } from '../../net/offload/index.ts';
import { NET_FEATURE as F, NET_HDR_GSO, netHeaderSize } from './registers.ts';

/** Frame processing as negotiated: made anew each time. */
export interface NetMode {
  /** Whether headers are little-endian. */
  readonly little: boolean;
  /** Bytes of virtio_net_hdr before each frame. */
  readonly headerSize: number;
  /** A received frame may span several buffers. */
  readonly mergeable: boolean;
  /** Transmitted frames may have partial checksums. */
  readonly csum: boolean;
  /** Transmitted frames may be segmented inside a UDP tunnel, with a partial outer checksum, too. */
  readonly tunnels: boolean;
  readonly tunnelCsum: boolean;
  /** Joined packets have the number of segments in the header. */
  readonly rsc: boolean;
  /** The header of a received frame has its hash. */
  readonly hash: boolean;
  /** Maximum bytes after the Ethernet header of a frame that is not segmented. */
  readonly mtu: number;
  /** Segmentation allowed for transmitted frames, by gso_type without ECN. */
  readonly cuts: readonly (Cut | null | undefined)[];
}

/** @param mtu the configuration's value. */
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
