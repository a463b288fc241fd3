import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

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
  VQ_NOTF_COAL: 52,
  NOTF_COAL: 53,
  HOST_USO: 56,
  GUEST_HDRLEN: 59,
  RSS: 60,
} as const;

/** Which features are of use only with one of others (virtio 1.4, Feature bit requirements). */
export const NET_DEPENDENCIES = {
  GUEST_TSO4: ['GUEST_CSUM'],
  GUEST_TSO6: ['GUEST_CSUM'],
  GUEST_ECN: ['GUEST_TSO4', 'GUEST_TSO6'],
  GUEST_UFO: ['GUEST_CSUM'],
  HOST_TSO4: ['CSUM'],
  HOST_TSO6: ['CSUM'],
  HOST_ECN: ['HOST_TSO4', 'HOST_TSO6'],
  HOST_UFO: ['CSUM'],
  CTRL_RX: ['CTRL_VQ'],
  CTRL_VLAN: ['CTRL_VQ'],
  GUEST_ANNOUNCE: ['CTRL_VQ'],
  MQ: ['CTRL_VQ'],
  CTRL_MAC_ADDR: ['CTRL_VQ'],
} as const satisfies { readonly [Name in keyof typeof NET_FEATURE]?: readonly (keyof typeof NET_FEATURE)[] };

const F = NET_FEATURE;

/** The features that GUEST_OFFLOADS_SET switches, as bits of its mask. */
export const GUEST_OFFLOADS = [F.GUEST_CSUM, F.GUEST_TSO4, F.GUEST_TSO6, F.GUEST_ECN, F.GUEST_UFO].reduce(
  (mask, bit) => mask | (1 << bit),
  0,
);

/** Device configuration; the fields a device has end where its features do. */
export const virtio_net_config = struct('virtio_net_config', 'le', {
  mac: { bytes: 6 },
  status: 'u16',
  max_virtqueue_pairs: 'u16',
  mtu: 'u16',
});
/** The feature without which a field is not there (virtio 1.4, Device configuration layout). */
export const NET_CONFIG_FEATURE = {
  mac: NET_FEATURE.MAC,
  status: NET_FEATURE.STATUS,
  max_virtqueue_pairs: NET_FEATURE.MQ,
  mtu: NET_FEATURE.MTU,
} as const satisfies { readonly [Field in keyof typeof virtio_net_config.offset]: number };
export const NET_STATUS = register('status', virtio_net_config.offset.status, 2, {
  LINK_UP: { at: 0 },
  ANNOUNCE: { at: 1 },
});

/** What precedes every frame; `num_buffers` is there only with MRG_RXBUF on a legacy device. */
export const virtio_net_hdr = struct('virtio_net_hdr', 'le', {
  flags: 'u8',
  gso_type: 'u8',
  hdr_len: 'u16',
  gso_size: 'u16',
  csum_start: 'u16',
  csum_offset: 'u16',
  num_buffers: 'u16',
});
export const NET_HDR_SIZE = { legacy: 10, mergeable: 12 } as const;
export const NET_HDR_F = { NEEDS_CSUM: 1, DATA_VALID: 2, RSC_INFO: 4 } as const;
export const NET_HDR_GSO = {
  NONE: 0,
  TCPV4: 1,
  UDP: 3,
  TCPV6: 4,
  UDP_L4: 5,
  ECN: 0x80,
} as const;
/** What version 1.4 adds for segmentation within a UDP tunnel: a flag, and two bits of gso_type. */
export const NET_HDR_UDP_TUNNEL = { CSUM: 8, GSO_IPV4: 0x20, GSO_IPV6: 0x40 } as const;

/** Control virtqueue (virtio 1.4, Control Virtqueue). */
export const virtio_net_ctrl = struct('virtio_net_ctrl', 'le', { class: 'u8', command: 'u8' });
export const NET_CTRL = {
  RX: { class: 0, PROMISC: 0, ALLMULTI: 1, ALLUNI: 2, NOMULTI: 3, NOUNI: 4, NOBCAST: 5 },
  MAC: { class: 1, MAC_TABLE_SET: 0, MAC_ADDR_SET: 1 },
  VLAN: { class: 2, ADD: 0, DEL: 1 },
  ANNOUNCE: { class: 3, ACK: 0 },
  MQ: { class: 4, VQ_PAIRS_SET: 0, RSS_CONFIG: 1 },
  GUEST_OFFLOADS: { class: 5, SET: 0 },
  NOTF_COAL: { class: 6, TX_SET: 0, RX_SET: 1, VQ_SET: 2, VQ_GET: 3 },
} as const;

/** A command: the bytes of its data, null where they vary, and the feature that it takes. */
export interface NetCommand {
  readonly class: number;
  readonly command: number;
  readonly bytes: number | null;
  readonly feature: number;
}

const { RX, MAC, VLAN, ANNOUNCE, MQ, GUEST_OFFLOADS: OFFLOADS, NOTF_COAL: COAL } = NET_CTRL;
const row = (
  { class: of }: { readonly class: number },
  command: number,
  bytes: number | null,
  feature: number,
): NetCommand => ({ class: of, command, bytes, feature });

export const NET_COMMANDS = {
  PROMISC: row(RX, RX.PROMISC, 1, F.CTRL_RX),
  ALLMULTI: row(RX, RX.ALLMULTI, 1, F.CTRL_RX),
  ALLUNI: row(RX, RX.ALLUNI, 1, F.CTRL_RX_EXTRA),
  NOMULTI: row(RX, RX.NOMULTI, 1, F.CTRL_RX_EXTRA),
  NOUNI: row(RX, RX.NOUNI, 1, F.CTRL_RX_EXTRA),
  NOBCAST: row(RX, RX.NOBCAST, 1, F.CTRL_RX_EXTRA),
  MAC_TABLE_SET: row(MAC, MAC.MAC_TABLE_SET, null, F.CTRL_RX),
  MAC_ADDR_SET: row(MAC, MAC.MAC_ADDR_SET, 6, F.CTRL_MAC_ADDR),
  VLAN_ADD: row(VLAN, VLAN.ADD, 2, F.CTRL_VLAN),
  VLAN_DEL: row(VLAN, VLAN.DEL, 2, F.CTRL_VLAN),
  ANNOUNCE_ACK: row(ANNOUNCE, ANNOUNCE.ACK, 0, F.GUEST_ANNOUNCE),
  VQ_PAIRS_SET: row(MQ, MQ.VQ_PAIRS_SET, 2, F.MQ),
  RSS_CONFIG: row(MQ, MQ.RSS_CONFIG, null, F.RSS),
  GUEST_OFFLOADS_SET: row(OFFLOADS, OFFLOADS.SET, 8, F.CTRL_GUEST_OFFLOADS),
  NOTF_COAL_TX_SET: row(COAL, COAL.TX_SET, 8, F.NOTF_COAL),
  NOTF_COAL_RX_SET: row(COAL, COAL.RX_SET, 8, F.NOTF_COAL),
  NOTF_COAL_VQ_SET: row(COAL, COAL.VQ_SET, 12, F.VQ_NOTF_COAL),
  NOTF_COAL_VQ_GET: row(COAL, COAL.VQ_GET, null, F.VQ_NOTF_COAL),
} as const;
export const NET_CTRL_ACK = { OK: 0, ERR: 1 } as const;
export const NET_MQ_PAIRS_MAX = 0x8000;
export const ETHERNET_HEADER = 14;
/** The longest frame without offloads: header, 1500 bytes of payload. */
export const FRAME_MAX = 1514;
/** The longest frame a guest takes with GUEST_TSO4: header, 64 KiB less one of IP packet. */
export const GSO_FRAME_MAX = 14 + 65_535;
/** The longest chain that the card takes: a header, and one IP datagram behind a VLAN tag. */
export const TRANSMIT_MAX = NET_HDR_SIZE.mergeable + 18 + 65_535;
