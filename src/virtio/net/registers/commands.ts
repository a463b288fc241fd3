import { struct } from '../../../core/struct.ts';
import { NET_FEATURE } from '../registers.ts';

const F = NET_FEATURE;

/** Control virtqueue (virtio 1.4, Control Virtqueue). */
export const virtio_net_ctrl = struct('virtio_net_ctrl', 'le', { class: 'u8', command: 'u8' });
export const NET_CTRL = {
  RX: { class: 0, PROMISC: 0, ALLMULTI: 1, ALLUNI: 2, NOMULTI: 3, NOUNI: 4, NOBCAST: 5 },
  MAC: { class: 1, MAC_TABLE_SET: 0, MAC_ADDR_SET: 1 },
  VLAN: { class: 2, ADD: 0, DEL: 1 },
  ANNOUNCE: { class: 3, ACK: 0 },
  MQ: { class: 4, VQ_PAIRS_SET: 0, RSS_CONFIG: 1, HASH_CONFIG: 2 },
  GUEST_OFFLOADS: { class: 5, SET: 0 },
  NOTF_COAL: { class: 6, TX_SET: 0, RX_SET: 1, VQ_SET: 2, VQ_GET: 3 },
  HASH_TUNNEL: { class: 7, SET: 0 },
  STATS: { class: 8, QUERY: 0, GET: 1 },
  RSS_CTX: { class: 9, CAP_GET: 0, ADD: 1, MOD: 2, DEL: 3 },
} as const;

/** A command: the length of its data, null if that varies, and the feature that it needs. */
export interface NetCommand {
  readonly class: number;
  readonly command: number;
  readonly bytes: number | null;
  readonly feature: number;
}

const { RX, MAC, VLAN, ANNOUNCE, MQ, GUEST_OFFLOADS: OFFLOADS, NOTF_COAL: COAL } = NET_CTRL;
const { HASH_TUNNEL, STATS, RSS_CTX } = NET_CTRL;
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
  HASH_CONFIG: row(MQ, MQ.HASH_CONFIG, null, F.HASH_REPORT),
  GUEST_OFFLOADS_SET: row(OFFLOADS, OFFLOADS.SET, 8, F.CTRL_GUEST_OFFLOADS),
  NOTF_COAL_TX_SET: row(COAL, COAL.TX_SET, 8, F.NOTF_COAL),
  NOTF_COAL_RX_SET: row(COAL, COAL.RX_SET, 8, F.NOTF_COAL),
  NOTF_COAL_VQ_SET: row(COAL, COAL.VQ_SET, 12, F.VQ_NOTF_COAL),
  NOTF_COAL_VQ_GET: row(COAL, COAL.VQ_GET, 4, F.VQ_NOTF_COAL),
  HASH_TUNNEL_SET: row(HASH_TUNNEL, HASH_TUNNEL.SET, 4, F.HASH_TUNNEL),
  STATS_QUERY: row(STATS, STATS.QUERY, 0, F.DEVICE_STATS),
  STATS_GET: row(STATS, STATS.GET, null, F.DEVICE_STATS),
  RSS_CTX_CAP_GET: row(RSS_CTX, RSS_CTX.CAP_GET, 0, F.RSS_CONTEXT),
  RSS_CTX_ADD: row(RSS_CTX, RSS_CTX.ADD, null, F.RSS_CONTEXT),
  RSS_CTX_MOD: row(RSS_CTX, RSS_CTX.MOD, null, F.RSS_CONTEXT),
  RSS_CTX_DEL: row(RSS_CTX, RSS_CTX.DEL, 2, F.RSS_CONTEXT),
} as const;
export const NET_CTRL_ACK = { OK: 0, ERR: 1 } as const;
export const NET_MQ_PAIRS_MAX = 0x8000;

/** Data of NOTF_COAL commands, and result of VQ_GET. */
export const virtio_net_ctrl_coal = struct('virtio_net_ctrl_coal', 'le', {
  max_packets: 'u32',
  max_usecs: 'u32',
});
/** With VQ_SET `virtio_net_ctrl_coal` follows. */
export const virtio_net_ctrl_coal_vq = struct('virtio_net_ctrl_coal_vq', 'le', {
  vq_index: 'u16',
  reserved: 'u16',
});
