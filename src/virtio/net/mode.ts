import type { BitSet } from '../../core/bit-set.ts';
import { FEATURE } from '../registers.ts';
import { NET_FEATURE as F, NET_HDR_SIZE } from './registers.ts';

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
}

export function netMode(accepted: BitSet, little: boolean): NetMode {
  const mergeable = accepted.has(F.MRG_RXBUF);
  const long = mergeable || accepted.has(FEATURE.VERSION_1);
  return {
    little,
    headerSize: long ? NET_HDR_SIZE.mergeable : NET_HDR_SIZE.legacy,
    mergeable,
    csum: accepted.has(F.CSUM),
    tso4: accepted.has(F.HOST_TSO4),
  };
}
