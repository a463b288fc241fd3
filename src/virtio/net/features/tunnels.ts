import type { Coalesced } from '../../../net/offload/index.ts';
import {
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_UDP_TUNNEL,
  virtio_net_hdr,
  virtio_net_hdr_whole,
} from '../registers.ts';

const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { CSUM, GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
const EITHER = GSO_IPV4 | GSO_IPV6;
/** A flag that is not part of it is ignored. */
const CHECKED = NEEDS_CSUM | DATA_VALID;

/** Whether the tunnel fields of a header can be accepted (virtio 1.4, Packet Transmission and Incoming Packets). */
export function isSoundTunnel(flags: number, gsoType: number): boolean {
  switch (gsoType & EITHER) {
    case 0:
      return (flags & CSUM) === 0;
    case EITHER:
      return false;
    default:
      return (flags & CHECKED) === NEEDS_CSUM && (gsoType & ~(EITHER | NET_HDR_GSO.ECN)) !== NET_HDR_GSO.NONE;
  }
}

/** Adds a tunnel to gso_type, flags and offsets; only the modern interface has these fields. */
export function describeTunnel(
  header: Uint8Array,
  { within, outerTransport, outerOpen, frame }: Coalesced,
): void {
  const six = frame[within]! >> 4 === 6;
  header[virtio_net_hdr.offset.gso_type]! |= six ? GSO_IPV6 : GSO_IPV4;
  if (outerOpen) header[virtio_net_hdr.offset.flags]! |= CSUM;
  virtio_net_hdr_whole.encode({ outer_th_offset: outerTransport, inner_nh_offset: within }, header);
}
