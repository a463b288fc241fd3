import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';
import { FEATURE } from '../registers.ts';

/** virtio-net feature bits (virtio 1.4, Network Device / Feature bits). */
export const NET_FEATURE = {
  CSUM: 0,
  GUEST_CSUM: 1,
  CTRL_GUEST_OFFLOADS: 2,
  MTU: 3,
  MAC: 5,
  GSO: 6,
  GUEST_TSO4: 7,
  GUEST_TSO6: 8,
  GUEST_ECN: 9,
  GUEST_UFO: 10,
  HOST_TSO4: 11,
  HOST_TSO6: 12,
  HOST_ECN: 13,
  HOST_UFO: 14,
  MRG_RXBUF: 15,
  STATUS: 16,
  CTRL_VQ: 17,
  CTRL_RX: 18,
  CTRL_VLAN: 19,
  CTRL_RX_EXTRA: 20,
  GUEST_ANNOUNCE: 21,
  MQ: 22,
  CTRL_MAC_ADDR: 23,
  DEVICE_STATS: 50,
  HASH_TUNNEL: 51,
  VQ_NOTF_COAL: 52,
  NOTF_COAL: 53,
  GUEST_USO4: 54,
  GUEST_USO6: 55,
  HOST_USO: 56,
  HASH_REPORT: 57,
  GUEST_HDRLEN: 59,
  RSS: 60,
  RSC_EXT: 61,
  STANDBY: 62,
  SPEED_DUPLEX: 63,
  RSS_CONTEXT: 64,
  GUEST_UDP_TUNNEL_GSO: 65,
  GUEST_UDP_TUNNEL_GSO_CSUM: 66,
  HOST_UDP_TUNNEL_GSO: 67,
  HOST_UDP_TUNNEL_GSO_CSUM: 68,
  OUT_NET_HEADER: 69,
  IPSEC: 70,
} as const;

const F = NET_FEATURE;

/** Device configuration; the features determine which fields a device has. */
export const virtio_net_config = struct('virtio_net_config', 'le', {
  mac: { bytes: 6 },
  status: 'u16',
  max_virtqueue_pairs: 'u16',
  mtu: 'u16',
  speed: 'u32',
  duplex: 'u8',
  rss_max_key_size: 'u8',
  rss_max_indirection_table_length: 'u16',
  supported_hash_types: 'u32',
  supported_tunnel_types: 'u32',
});
/** The features of which one must be offered for a field to exist (virtio 1.4, Device configuration layout). */
export const NET_CONFIG_FEATURES = {
  mac: [F.MAC],
  status: [F.STATUS],
  max_virtqueue_pairs: [F.MQ, F.RSS],
  mtu: [F.MTU],
  speed: [F.SPEED_DUPLEX],
  duplex: [F.SPEED_DUPLEX],
  rss_max_key_size: [F.RSS, F.HASH_REPORT],
  rss_max_indirection_table_length: [F.RSS],
  supported_hash_types: [F.RSS, F.HASH_REPORT],
  supported_tunnel_types: [F.HASH_TUNNEL],
} as const satisfies { readonly [Field in keyof typeof virtio_net_config.offset]: readonly number[] };
export const NET_STATUS = register('status', virtio_net_config.offset.status, 2, {
  LINK_UP: { at: 0 },
  ANNOUNCE: { at: 1 },
});

/** The header before every frame; on a legacy device `num_buffers` exists only with MRG_RXBUF. */
export const virtio_net_hdr = struct('virtio_net_hdr', 'le', {
  flags: 'u8',
  gso_type: 'u8',
  hdr_len: 'u16',
  gso_size: 'u16',
  csum_start: 'u16',
  csum_offset: 'u16',
  num_buffers: 'u16',
});
/** The fields after it with HASH_REPORT. */
export const virtio_net_hdr_hash = struct('virtio_net_hdr_hash', 'le', {
  hash_value: 'u32',
  hash_report: 'u16',
  padding_reserved: 'u16',
});
/** The complete header; a device has `netHeaderSize` bytes of it (virtio 1.4, Device Operation). */
export const virtio_net_hdr_whole = struct('virtio_net_hdr', 'le', {
  ...virtio_net_hdr.members,
  ...virtio_net_hdr_hash.members,
  outer_th_offset: 'u16',
  inner_nh_offset: 'u16',
  outer_nh_offset: 'u16',
  padding_reserved_2: { bytes: 6 },
});
export const NET_HDR_SIZE = { legacy: 10, mergeable: 12, hash: 20, tunnel: 24, outer: 32 } as const;

/** Length of virtio_net_hdr before each frame, determined by the newest of the features (virtio 1.4, Device Operation). */
export function netHeaderSize(accepted: { has(feature: number): boolean }): number {
  const any = (...features: readonly number[]) => features.some((feature) => accepted.has(feature));
  if (any(F.OUT_NET_HEADER, F.IPSEC)) return NET_HDR_SIZE.outer;
  if (any(F.HOST_UDP_TUNNEL_GSO, F.GUEST_UDP_TUNNEL_GSO)) return NET_HDR_SIZE.tunnel;
  if (any(F.HASH_REPORT)) return NET_HDR_SIZE.hash;
  return any(F.MRG_RXBUF, FEATURE.VERSION_1) ? NET_HDR_SIZE.mergeable : NET_HDR_SIZE.legacy;
}

export const NET_HDR_F = { NEEDS_CSUM: 1, DATA_VALID: 2, RSC_INFO: 4 } as const;
export const NET_HDR_GSO = {
  NONE: 0,
  TCPV4: 1,
  UDP: 3,
  TCPV6: 4,
  UDP_L4: 5,
  ECN: 0x80,
} as const;
/** Version 1.4's additions for segmentation in a UDP tunnel: a flag, and two bits of gso_type. */
export const NET_HDR_UDP_TUNNEL = { CSUM: 8, GSO_IPV4: 0x20, GSO_IPV6: 0x40 } as const;

export const ETHERNET_HEADER = 14;
/** Of a card that names no other. */
export const ETHERNET_MTU = 1500;
/** The longest frame without offloads. */
export const FRAME_MAX = ETHERNET_HEADER + ETHERNET_MTU;
/** The longest frame a guest takes with GUEST_TSO4: header, 64 KiB less one of IP packet. */
export const GSO_FRAME_MAX = 14 + 65_535;
/** The longest frame of one IPv4 datagram, with a VLAN tag. */
export const IPV4_FRAME_MAX = 18 + 65_535;
/** The longest frame that the card takes: one IPv6 packet, whose length excludes its header, with two tags. */
export const TRANSMIT_MAX = 22 + 40 + 65_535;
