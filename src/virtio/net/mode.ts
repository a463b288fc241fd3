import type { BitSet } from '../../core/bit-set.ts';
import { NET_FEATURE as F, netHeaderSize } from './registers.ts';

/** What was negotiated, as far as frames go: made anew each time. */
export interface NetMode {
  /** Whether headers are little-endian. */
  readonly little: boolean;
  /** Bytes of virtio_net_hdr before each frame. */
  readonly headerSize: number;
  /** A frame that came may go on in further buffers. */
  readonly mergeable: boolean;
  /** A sender may leave checksums open, and TCP over IPv4 uncut. */
  readonly csum: boolean;
  readonly tso4: boolean;
  /** A sender may have frames cut within a tunnel over UDP, and leave the checksum around them open, too. */
  readonly tunnels: boolean;
  readonly tunnelCsum: boolean;
}

export function netMode(accepted: BitSet, little: boolean): NetMode {
  return {
    little,
    headerSize: netHeaderSize(accepted),
    mergeable: accepted.has(F.MRG_RXBUF),
    csum: accepted.has(F.CSUM),
    tso4: accepted.has(F.HOST_TSO4),
    tunnels: accepted.has(F.HOST_UDP_TUNNEL_GSO),
    tunnelCsum: accepted.has(F.HOST_UDP_TUNNEL_GSO_CSUM),
  };
}
