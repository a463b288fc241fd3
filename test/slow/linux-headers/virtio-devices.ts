import * as hash from '../../../src/net/frame/hash-registers.ts';
import * as balloon from '../../../src/virtio/balloon/registers.ts';
import * as commands from '../../../src/virtio/net/registers/commands.ts';
import * as statistics from '../../../src/virtio/net/registers/statistics.ts';
import * as net from '../../../src/virtio/net/registers.ts';
import * as scsi from '../../../src/virtio/scsi/registers.ts';
import { constants, members, prefixed, type Row, register, whole } from './rows.ts';

/** Of virtio 1.4, which the headers of Linux 6.1 to 6.12 do not know. */
const YOUNG = /HASH_TUNNEL|RSS_CONTEXT|UDP_TUNNEL_GSO|OUT_NET_HEADER|IPSEC|tunnel_types/;
const isKnown = ([ours]: Row): boolean => !YOUNG.test(ours);

export const NET_ROWS: readonly Row[] = [
  ...prefixed('NET_FEATURE', net.NET_FEATURE, 'VIRTIO_NET_F_').filter(isKnown),
  ...members(net.virtio_net_config, 'struct virtio_net_config').filter(isKnown),
  ...register(net.NET_STATUS, 'offsetof(struct virtio_net_config, status)', {
    LINK_UP: 'VIRTIO_NET_S_LINK_UP',
    ANNOUNCE: 'VIRTIO_NET_S_ANNOUNCE',
  }),
  ...whole(net.virtio_net_hdr, 'struct virtio_net_hdr_v1'),
  ...constants('NET_HDR_SIZE', net.NET_HDR_SIZE, {
    legacy: 'sizeof(struct virtio_net_hdr)',
    mergeable: 'sizeof(struct virtio_net_hdr_mrg_rxbuf)',
    hash: 'sizeof(struct virtio_net_hdr_v1_hash)',
    tunnel: null,
    outer: null,
  }),
  ...prefixed('NET_HDR_F', net.NET_HDR_F, 'VIRTIO_NET_HDR_F_'),
  ...prefixed('NET_HDR_GSO', net.NET_HDR_GSO, 'VIRTIO_NET_HDR_GSO_'),
  ...whole(commands.virtio_net_ctrl, 'struct virtio_net_ctrl_hdr', { command: 'cmd' }),
  ...constants('NET_CTRL.RX', commands.NET_CTRL.RX, {
    class: 'VIRTIO_NET_CTRL_RX',
    PROMISC: 'VIRTIO_NET_CTRL_RX_PROMISC',
    ALLMULTI: 'VIRTIO_NET_CTRL_RX_ALLMULTI',
    ALLUNI: 'VIRTIO_NET_CTRL_RX_ALLUNI',
    NOMULTI: 'VIRTIO_NET_CTRL_RX_NOMULTI',
    NOUNI: 'VIRTIO_NET_CTRL_RX_NOUNI',
    NOBCAST: 'VIRTIO_NET_CTRL_RX_NOBCAST',
  }),
  ...constants('NET_CTRL.MAC', commands.NET_CTRL.MAC, {
    class: 'VIRTIO_NET_CTRL_MAC',
    MAC_TABLE_SET: 'VIRTIO_NET_CTRL_MAC_TABLE_SET',
    MAC_ADDR_SET: 'VIRTIO_NET_CTRL_MAC_ADDR_SET',
  }),
  ...constants('NET_CTRL.VLAN', commands.NET_CTRL.VLAN, {
    class: 'VIRTIO_NET_CTRL_VLAN',
    ADD: 'VIRTIO_NET_CTRL_VLAN_ADD',
    DEL: 'VIRTIO_NET_CTRL_VLAN_DEL',
  }),
  ...constants('NET_CTRL.ANNOUNCE', commands.NET_CTRL.ANNOUNCE, {
    class: 'VIRTIO_NET_CTRL_ANNOUNCE',
    ACK: 'VIRTIO_NET_CTRL_ANNOUNCE_ACK',
  }),
  ...constants('NET_CTRL.MQ', commands.NET_CTRL.MQ, {
    class: 'VIRTIO_NET_CTRL_MQ',
    VQ_PAIRS_SET: 'VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET',
    RSS_CONFIG: 'VIRTIO_NET_CTRL_MQ_RSS_CONFIG',
    HASH_CONFIG: 'VIRTIO_NET_CTRL_MQ_HASH_CONFIG',
  }),
  ...constants('NET_CTRL.GUEST_OFFLOADS', commands.NET_CTRL.GUEST_OFFLOADS, {
    class: 'VIRTIO_NET_CTRL_GUEST_OFFLOADS',
    SET: 'VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET',
  }),
  ...constants('NET_CTRL.NOTF_COAL', commands.NET_CTRL.NOTF_COAL, {
    class: 'VIRTIO_NET_CTRL_NOTF_COAL',
    TX_SET: 'VIRTIO_NET_CTRL_NOTF_COAL_TX_SET',
    RX_SET: 'VIRTIO_NET_CTRL_NOTF_COAL_RX_SET',
    VQ_SET: 'VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET',
    VQ_GET: 'VIRTIO_NET_CTRL_NOTF_COAL_VQ_GET',
  }),
  ...constants('NET_CTRL.STATS', commands.NET_CTRL.STATS, {
    class: 'VIRTIO_NET_CTRL_STATS',
    QUERY: 'VIRTIO_NET_CTRL_STATS_QUERY',
    GET: 'VIRTIO_NET_CTRL_STATS_GET',
  }),
  ...whole(statistics.virtio_net_stats_reply_hdr, 'struct virtio_net_stats_reply_hdr'),
  ...prefixed('NET_HASH_TYPE', hash.NET_HASH_TYPE, 'VIRTIO_NET_RSS_HASH_TYPE_'),
  ...prefixed('NET_CTRL_ACK', commands.NET_CTRL_ACK, 'VIRTIO_NET_'),
  ['NET_MQ_PAIRS_MAX', 'VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX', commands.NET_MQ_PAIRS_MAX],
];

export const SCSI_ROWS: readonly Row[] = [
  ...prefixed('SCSI_FEATURE', scsi.SCSI_FEATURE, 'VIRTIO_SCSI_F_'),
  ...whole(scsi.virtio_scsi_config, 'struct virtio_scsi_config'),
  ['SENSE_SIZE_DEFAULT', 'VIRTIO_SCSI_SENSE_DEFAULT_SIZE', scsi.SENSE_SIZE_DEFAULT],
  ['CDB_SIZE_DEFAULT', 'VIRTIO_SCSI_CDB_DEFAULT_SIZE', scsi.CDB_SIZE_DEFAULT],
  ...members(scsi.virtio_scsi_req_cmd, 'struct virtio_scsi_cmd_req', { id: 'tag' }),
  ['virtio_scsi_req_cmd.size', 'offsetof(struct virtio_scsi_cmd_req, cdb)', scsi.virtio_scsi_req_cmd.size],
  ...members(scsi.virtio_scsi_req_cmd_pi, 'struct virtio_scsi_cmd_req_pi', { id: 'tag' }),
  [
    'virtio_scsi_req_cmd_pi.size',
    'offsetof(struct virtio_scsi_cmd_req_pi, cdb)',
    scsi.virtio_scsi_req_cmd_pi.size,
  ],
  ...members(scsi.virtio_scsi_resp_cmd, 'struct virtio_scsi_cmd_resp', { residual: 'resid' }),
  [
    'virtio_scsi_resp_cmd.size',
    'offsetof(struct virtio_scsi_cmd_resp, sense)',
    scsi.virtio_scsi_resp_cmd.size,
  ],
  ...prefixed('SCSI_RESPONSE', scsi.SCSI_RESPONSE, 'VIRTIO_SCSI_S_'),
  ...whole(scsi.virtio_scsi_ctrl_tmf_req, 'struct virtio_scsi_ctrl_tmf_req', { id: 'tag' }),
  ...whole(scsi.virtio_scsi_ctrl_an_req, 'struct virtio_scsi_ctrl_an_req'),
  ...whole(scsi.virtio_scsi_ctrl_an_resp, 'struct virtio_scsi_ctrl_an_resp'),
  ...prefixed('SCSI_CONTROL', scsi.SCSI_CONTROL, 'VIRTIO_SCSI_T_'),
  ...prefixed('SCSI_TMF', scsi.SCSI_TMF, 'VIRTIO_SCSI_T_TMF_'),
  ...whole(scsi.virtio_scsi_event, 'struct virtio_scsi_event'),
  ...prefixed('SCSI_EVENT', scsi.SCSI_EVENT, 'VIRTIO_SCSI_T_'),
  ['SCSI_EVENTS_MISSED', 'VIRTIO_SCSI_T_EVENTS_MISSED', scsi.SCSI_EVENTS_MISSED],
  ...prefixed('SCSI_RESET_REASON', scsi.SCSI_RESET_REASON, 'VIRTIO_SCSI_EVT_RESET_'),
];

export const BALLOON_ROWS: readonly Row[] = [
  ...prefixed('BALLOON_FEATURE', balloon.BALLOON_FEATURE, 'VIRTIO_BALLOON_F_'),
  ...members(balloon.virtio_balloon_config, 'struct virtio_balloon_config'),
  ['BALLOON_PFN_SHIFT', 'VIRTIO_BALLOON_PFN_SHIFT', balloon.BALLOON_PFN_SHIFT],
  ...whole(balloon.virtio_balloon_stat, 'struct virtio_balloon_stat'),
  ...prefixed('BALLOON_STAT', balloon.BALLOON_STAT, 'VIRTIO_BALLOON_S_'),
];
