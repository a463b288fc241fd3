import type { Section } from './statement.ts';

/** The network device: its control queue, flow filters and IPsec. */
export const NET_CONTROL: readonly Section[] = [
  {
    section: 'Packet Receive Filtering',
    statements: [
      ['NET-RXMODE-D1', 'MUST NOT', 'yes', 'PROMISC and ALLMULTI commands need CTRL_RX'],
      ['NET-RXMODE-D2', 'MUST NOT', 'yes', 'ALLUNI, NOMULTI, NOUNI, NOBCAST commands need CTRL_RX_EXTRA'],
    ],
  },
  {
    section: 'Setting MAC Address Filtering',
    statements: [
      ['NET-MAC-D1', 'MUST NOT', 'yes', 'MAC class commands need CTRL_RX'],
      ['NET-MAC-D2', 'SHOULD', 'partly', 'With CTRL_RX, announce a differing default MAC by MAC_ADDR_SET'],
      [
        'NET-MAC-D3',
        'MUST',
        'yes',
        'MAC_TABLE_SET data is count, that many unicast, count, that many multicast',
      ],
    ],
  },
  {
    section: 'Legacy Interface: Setting MAC Address Filtering',
    statements: [['NET-MAC-LEG-D1', 'MUST', 'partly', 'entries is guest-endian under legacy']],
  },
  {
    section: 'Legacy Interface: VLAN Filtering',
    statements: [['NET-VLAN-LEG-D1', 'MUST', 'partly', 'VLAN id is guest-endian under legacy']],
  },
  {
    section: 'Gratuitous Packet Sending',
    statements: [
      ['NET-ANN-D1', 'SHOULD', 'yes', 'After the ANNOUNCE bit, tell peers of the new location'],
      ['NET-ANN-D2', 'MUST', 'yes', 'Answer with ANNOUNCE_ACK on the control queue'],
    ],
  },
  {
    section: 'Automatic receive steering in multiqueue mode',
    statements: [
      ['NET-MQ-D1', 'MUST', 'yes', 'Set queues up before VQ_PAIRS_SET enables them'],
      ['NET-MQ-D2', 'MUST NOT', 'yes', 'virtqueue_pairs is 1..max_virtqueue_pairs'],
      ['NET-MQ-D3', 'MUST', 'yes', 'Before VQ_PAIRS_SET, transmit only on transmitq1'],
      ['NET-MQ-D4', 'MUST NOT', 'yes', 'Once VQ_PAIRS_SET(n) is placed, no new packets on tx queues above n'],
    ],
  },
  {
    section: 'Legacy Interface: Automatic receive steering in multiqueue mode',
    statements: [['NET-MQ-LEG-D1', 'MUST', 'partly', 'virtqueue_pairs is guest-endian under legacy']],
  },
  {
    section: 'Hash calculation',
    statements: [['NET-HASHCFG-D1', 'MUST', 'yes', 'HASH_CONFIG reserved words are zero']],
  },
  {
    section: 'Setting RSS parameters',
    statements: [
      ['NET-RSS-D1', 'MUST NOT', 'yes', 'RSS_CONFIG needs RSS negotiated'],
      ['NET-RSS-D2', 'MUST', 'yes', 'Indirection table names only enabled receive queues'],
      ['NET-RSS-D3', 'MUST', 'yes', 'Indirection table length is a power of two'],
      ['NET-RSS-D4', 'MUST', 'yes', 'indirection_table_mask is below rss_max_indirection_table_length'],
      ['NET-RSS-D5', 'MUST NOT', 'yes', 'No hash type bit outside supported_hash_types'],
    ],
  },
  {
    section: 'RSS Context',
    statements: [
      ['NET-RSSCTX-D1', 'MUST', 'yes', 'RSS context commands need RSS_CONTEXT negotiated'],
      ['NET-RSSCTX-D2', 'MUST', 'yes', 'rss_ctx_id is 1..max_rss_contexts'],
      ['NET-RSSCTX-D3', 'MUST NOT', 'yes', 'No VQ_PAIRS_SET while an RSS context exists'],
    ],
  },
  {
    section: 'Setting Offloads State',
    statements: [['NET-OFFL-D1', 'MUST NOT', 'yes', 'No offload bit without its negotiated feature']],
  },
  {
    section: 'Legacy Interface: Setting Offloads State',
    statements: [['NET-OFFL-LEG-D1', 'MUST', 'partly', 'offloads mask is guest-endian under legacy']],
  },
  {
    section: 'Notifications Coalescing',
    statements: [
      ['NET-COAL-D1', 'MUST', 'yes', 'vq_index names an enabled rx or tx queue'],
      ['NET-COAL-D2', 'MUST', 'yes', 'TX_SET and RX_SET need NOTF_COAL'],
      ['NET-COAL-D3', 'MUST', 'yes', 'VQ_SET and VQ_GET need VQ_NOTF_COAL'],
      ['NET-COAL-D4', 'MUST', 'no', 'Drop the VQ_GET values when the ack is ERR'],
    ],
  },
  {
    section: 'Device Statistics',
    statements: [
      ['NET-STAT-D1', 'MUST', 'yes', 'Ask only for statistic types learnt from STATS_QUERY'],
      ['NET-STAT-D2', 'MUST', 'yes', 'types_bitmap fits the kind of queue at vq_index'],
      ['NET-STAT-D3', 'MUST', 'yes', 'Result buffer has room for all reply headers'],
    ],
  },
  {
    section: 'Flow filter',
    statements: [
      ['NET-FF-D1', 'MUST', 'yes', 'Enable the three FF capabilities before using flow filters'],
      ['NET-FF-D2', 'SHOULD NOT', 'yes', 'Do not destroy a group that rules still use'],
      ['NET-FF-D3', 'SHOULD', 'yes', "Destroy a group's rules before the group"],
      ['NET-FF-D4', 'SHOULD NOT', 'yes', 'Do not destroy a classifier that rules still use'],
      ['NET-FF-D5', 'SHOULD', 'yes', "Destroy a classifier's rules before the classifier"],
      ['NET-FF-D6', 'SHOULD NOT', 'yes', 'No two rules of one priority in a group'],
      ['NET-FF-D7', 'SHOULD', 'partly', 'Overlapping rules get distinct priorities'],
      ['NET-FF-D8', 'MUST', 'yes', 'Classifier selector order is ETH, then IPv4/IPv6, then UDP/TCP'],
      [
        'NET-FF-D9',
        'MUST',
        'yes',
        'Multi-selector classifiers mask EtherType and Protocol/Next Header fully',
      ],
      ['NET-FF-D10', 'MUST', 'yes', 'Rule key carries the EtherType that fits the IP selector'],
      ['NET-FF-D11', 'MUST', 'yes', 'Rule key carries the protocol number that fits the third selector'],
      ['NET-FF-D12', 'SHOULD', 'yes', 'Masks cover whole fields unless PARTIAL_MASK is on'],
    ],
  },
  {
    section: 'IPsec Operation / Packet processing order',
    statements: [['NET-IPSEC-D1', 'SHOULD', 'no', 'Cope with an SA vanishing while its packet is in flight']],
  },
  {
    section: 'IPsec Operation',
    statements: [
      ['NET-IPSEC-D2', 'MUST', 'yes', 'Query the capability id list first'],
      ['NET-IPSEC-D3', 'MUST', 'yes', 'Fetch both IPsec capabilities when they are listed'],
      ['NET-IPSEC-D4', 'MUST', 'yes', 'Set both IPsec capabilities to state what is used'],
      ['NET-IPSEC-D5', 'MUST', 'partly', 'Outbound SA create fills in every parameter'],
      ['NET-IPSEC-D6', 'MUST', 'partly', 'Inbound SA create fills in all but the tunnel parameters'],
      ['NET-IPSEC-D7', 'SHOULD NOT', 'yes', 'No two inbound SAs with one SPI'],
      ['NET-IPSEC-D8', 'MUST', 'partly', 'Outbound IPsec frames stay within the path MTU'],
    ],
  },
];
