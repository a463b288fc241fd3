import { NET_HDR_F, NET_HDR_GSO, NET_HDR_UDP_TUNNEL } from '../registers.ts';

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
