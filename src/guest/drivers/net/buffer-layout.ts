import type { BitSet } from '../../../core/bit-set.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { Endian } from '../../../core/struct.ts';
import {
  ETHERNET_HEADER,
  FRAME_MAX,
  NET_FEATURE,
  netHeaderSize,
  virtio_net_hdr,
} from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import type { Segment } from '../../virtio/indirect-tables.ts';

const { GUEST_TSO4, GUEST_TSO6, GUEST_UFO, GUEST_USO4, GUEST_USO6 } = NET_FEATURE;
const { GUEST_UDP_TUNNEL_GSO, GUEST_UDP_TUNNEL_GSO_CSUM, MRG_RXBUF } = NET_FEATURE;
/** With any of these, frames may be longer than the network's MTU (virtio 1.4, Setting Up Receive Buffers). */
const JOINED = [GUEST_TSO4, GUEST_TSO6, GUEST_UFO, GUEST_USO4, GUEST_USO6];
/** The longest frame that a device may deliver: 64 KiB of payload with its headers and a VLAN tag. */
const GSO_BUFFER = 65_589;
const MERGEABLE_BUFFER = 4096;

/** The layout of header and frame in memory, by the features. */
export interface BufferLayout {
  /** Bytes of virtio_net_hdr before each frame. */
  readonly header: number;
  /** Its fields, in the guest's byte order. */
  readonly fields: typeof virtio_net_hdr;
  /** Size of a receive buffer, including the header. */
  readonly receiveBuffer: number;
  /** A frame may continue in further receive buffers. */
  readonly mergeable: boolean;
  /** Header and frame may share a descriptor. */
  readonly anyLayout: boolean;
  /** Received frames may need segmentation inside a tunnel, with a partial outer checksum, too. */
  readonly tunnels: boolean;
  readonly tunnelCsum: boolean;
}

/** @param mtu the device's value, if MTU was negotiated. */
export function bufferLayout(features: BitSet, mtu: number | null, endian: Endian = 'le'): BufferLayout {
  const mergeable = features.has(MRG_RXBUF);
  const header = netHeaderSize(features);
  const gso = JOINED.some((feature) => features.has(feature));
  const frame = gso ? GSO_BUFFER : Math.max(FRAME_MAX, ETHERNET_HEADER + (mtu ?? 0));
  return {
    header,
    fields: virtio_net_hdr.in(endian),
    receiveBuffer: mergeable ? MERGEABLE_BUFFER : header + frame,
    mergeable,
    anyLayout: features.has(FEATURE.VERSION_1) || features.has(FEATURE.ANY_LAYOUT),
    tunnels: features.has(GUEST_UDP_TUNNEL_GSO),
    tunnelCsum: features.has(GUEST_UDP_TUNNEL_GSO_CSUM),
  };
}

/**
 * The descriptors of `length` bytes at `address`, a header and its frame. A legacy device without ANY_LAYOUT needs the
 * header in its own descriptor, even if the rest follows right after it.
 */
export function headerFirst(layout: BufferLayout, address: Gpa, length: number): Segment[] {
  if (layout.anyLayout || length <= layout.header) return [{ address, length }];
  return [
    { address, length: layout.header },
    { address: address + layout.header, length: length - layout.header },
  ];
}
