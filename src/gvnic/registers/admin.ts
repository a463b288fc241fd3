import { struct } from '../../core/struct.ts';

/** The admin queue: one page of slots, reused in order. */
export const ADMINQ_BYTES = 4096;
export const SLOT_BYTES = 64;
export const SLOTS = ADMINQ_BYTES / SLOT_BYTES;
/** Bytes of every page that a command names. */
export const PAGE = 4096;
/** Instead of a page list: descriptors hold addresses of memory. */
export const RAW_ADDRESSING = 0xffff_ffff;

export const OPCODE = {
  DESCRIBE_DEVICE: 0x1,
  CONFIGURE_DEVICE_RESOURCES: 0x2,
  REGISTER_PAGE_LIST: 0x3,
  UNREGISTER_PAGE_LIST: 0x4,
  CREATE_TX_QUEUE: 0x5,
  CREATE_RX_QUEUE: 0x6,
  DESTROY_TX_QUEUE: 0x7,
  DESTROY_RX_QUEUE: 0x8,
  DECONFIGURE_DEVICE_RESOURCES: 0x9,
  CONFIGURE_RSS: 0xa,
  SET_DRIVER_PARAMETER: 0xb,
  REPORT_STATS: 0xc,
  REPORT_LINK_SPEED: 0xd,
  GET_PTYPE_MAP: 0xe,
  VERIFY_DRIVER_COMPATIBILITY: 0xf,
  QUERY_FLOW_RULES: 0x10,
  REPORT_NIC_TIMESTAMP: 0x11,
  QUERY_RSS: 0x12,
  EXTENDED_COMMAND: 0xff,
} as const;

/** What the device writes into a slot. */
export const COMMAND_STATUS = {
  UNSET: 0,
  PASSED: 1,
  ABORTED: 0xffff_fff0,
  ALREADY_EXISTS: 0xffff_fff1,
  CANCELLED: 0xffff_fff2,
  DATALOSS: 0xffff_fff3,
  DEADLINE_EXCEEDED: 0xffff_fff4,
  FAILED_PRECONDITION: 0xffff_fff5,
  INTERNAL: 0xffff_fff6,
  INVALID_ARGUMENT: 0xffff_fff7,
  NOT_FOUND: 0xffff_fff8,
  OUT_OF_RANGE: 0xffff_fff9,
  PERMISSION_DENIED: 0xffff_fffa,
  UNAUTHENTICATED: 0xffff_fffb,
  RESOURCE_EXHAUSTED: 0xffff_fffc,
  UNAVAILABLE: 0xffff_fffd,
  UNIMPLEMENTED: 0xffff_fffe,
  UNKNOWN: 0xffff_ffff,
} as const;

/** A slot; the payload depends on the opcode. */
export const adminq_command = struct('adminq_command', 'be', {
  opcode: 'u32',
  status: 'u32',
  payload: { bytes: 56 },
});
export const describe_device = struct('describe_device', 'be', {
  descriptor_addr: 'u64',
  version: 'u32',
  available_length: 'u32',
});
export const DESCRIPTOR_VERSION = 1;
export const configure_device_resources = struct('configure_device_resources', 'be', {
  counter_array: 'u64',
  irq_db_addr: 'u64',
  num_counters: 'u32',
  num_irq_dbs: 'u32',
  irq_db_stride: 'u32',
  ntfy_blk_msix_base_idx: 'u32',
  queue_format: 'u8',
  padding: { bytes: 7 },
});
export const register_page_list = struct('register_page_list', 'be', {
  page_list_id: 'u32',
  num_pages: 'u32',
  page_address_list_addr: 'u64',
  page_size: 'u64',
});
export const unregister_page_list = struct('unregister_page_list', 'be', { page_list_id: 'u32' });
export const create_tx_queue = struct('create_tx_queue', 'be', {
  queue_id: 'u32',
  reserved: 'u32',
  queue_resources_addr: 'u64',
  tx_ring_addr: 'u64',
  queue_page_list_id: 'u32',
  ntfy_id: 'u32',
  tx_comp_ring_addr: 'u64',
  tx_ring_size: 'u16',
  tx_comp_ring_size: 'u16',
  padding: { bytes: 4 },
});
/** With DQO rings `rx_desc_ring_addr` is the completion ring, and `rx_data_ring_addr` the ring of buffers. */
export const create_rx_queue = struct('create_rx_queue', 'be', {
  queue_id: 'u32',
  index: 'u32',
  reserved: 'u32',
  ntfy_id: 'u32',
  queue_resources_addr: 'u64',
  rx_desc_ring_addr: 'u64',
  rx_data_ring_addr: 'u64',
  queue_page_list_id: 'u32',
  rx_ring_size: 'u16',
  packet_buffer_size: 'u16',
  rx_buff_ring_size: 'u16',
  enable_rsc: 'u8',
  padding: { bytes: 1 },
  header_buffer_size: 'u16',
  padding2: { bytes: 2 },
});

/** Sizes of packet buffers that DPDK asks for, whatever BUFFER_SIZES says. A DQO completion has 14 bits for a length. */
const PACKET_BUFFERS = {
  gqi: { least: 2048, most: 4096, step: 2048 },
  dqo: { least: 1024, most: 16_256, step: 128 },
} as const;

/** Whether `packet_buffer_size` may be so many bytes, with rings of that kind. */
export function takesPackets(isDqo: boolean, bytes: number): boolean {
  const { least, most, step } = PACKET_BUFFERS[isDqo ? 'dqo' : 'gqi'];
  return bytes >= least && bytes <= most && bytes % step === 0;
}
export const destroy_queue = struct('destroy_queue', 'be', { queue_id: 'u32' });
/** Fields that are 0 leave what was set before. */
export const configure_rss = struct('configure_rss', 'be', {
  hash_types: 'u16',
  hash_alg: 'u8',
  reserved: { bytes: 1 },
  hash_key_size: 'u16',
  hash_lut_size: 'u16',
  hash_key_addr: 'u64',
  hash_lut_addr: 'u64',
});
export const RSS_TOEPLITZ = 1;
/** Bits of hash_types. */
export const RSS_TYPE = {
  IPv4: 1 << 0,
  TCPv4: 1 << 1,
  IPv6: 1 << 2,
  IPv6_EX: 1 << 3,
  TCPv6: 1 << 4,
  TCPv6_EX: 1 << 5,
  UDPv4: 1 << 6,
  UDPv6: 1 << 7,
  UDPv6_EX: 1 << 8,
} as const;
/** The answer to QUERY_RSS; key and table follow. */
export const query_rss_reply = struct('query_rss_reply', 'be', {
  total_length: 'u32',
  hash_types: 'u16',
  hash_alg: 'u8',
  reserved: { bytes: 1 },
});
export const set_driver_parameter = struct('set_driver_parameter', 'be', {
  parameter_type: 'u32',
  reserved: 'u32',
  parameter_value: 'u64',
});
export const PARAMETER_MTU = 1;
/** A length and an address: the payload of REPORT_STATS without its interval, GET_PTYPE_MAP, and others. */
export const memory_area = struct('memory_area', 'be', { length: 'u64', addr: 'u64' });
/** What a driver says of itself, at the address of VERIFY_DRIVER_COMPATIBILITY. */
export const driver_info = struct('driver_info', 'be', {
  os_type: 'u8',
  driver_major: 'u8',
  driver_minor: 'u8',
  driver_sub: 'u8',
  os_version_major: 'u32',
  os_version_minor: 'u32',
  os_version_sub: 'u32',
  driver_capability_flags1: 'u64',
  driver_capability_flags2: 'u64',
  driver_capability_flags3: 'u64',
  driver_capability_flags4: 'u64',
  os_version_str1: { bytes: 128 },
  os_version_str2: { bytes: 128 },
});
/** Bits of its first word of capabilities. */
export const CAPABILITY = {
  GQI_QPL: 1 << 0,
  GQI_RDA: 1 << 1,
  DQO_QPL: 1 << 2,
  DQO_RDA: 1 << 3,
  ALT_MISS_COMPL: 1 << 4,
  FLEXIBLE_BUFFER_SIZE: 1 << 5,
  FLEXIBLE_RSS_SIZE: 1 << 6,
} as const;
export const report_stats = struct('report_stats', 'be', {
  stats_report_len: 'u64',
  stats_report_addr: 'u64',
  interval: 'u64',
});
export const report_link_speed = struct('report_link_speed', 'be', { link_speed_address: 'u64' });
/** What the device writes at the address of a queue's resources. */
export const queue_resources = struct('queue_resources', 'be', { db_index: 'u32', counter_index: 'u32' });
export const QUEUE_RESOURCES_BYTES = 64;
/** The block of statistics: a count of reports, then records. */
export const stats_report = struct('stats_report', 'be', { written_count: 'u64' });
export const stats = struct('stats', 'be', { stat_name: 'u32', queue_id: 'u32', value: 'u64' });
export const STAT = { RX_DROPS: 65, RX_NO_BUFFERS: 66, RX_OVER_MRU: 67, RX_BAD_CHECKSUM: 68 } as const;
/** The table of packet types that GET_PTYPE_MAP fills. */
export const ptype_entry = struct('ptype_entry', 'be', { l3_type: 'u8', l4_type: 'u8' });
export const PTYPES = 1024;
export const L3_TYPE = { UNKNOWN: 0, OTHER: 1, IPV4: 2, IPV6: 3 } as const;
export const L4_TYPE = { UNKNOWN: 0, OTHER: 1, TCP: 2, UDP: 3, ICMP: 4, SCTP: 5 } as const;
/** A command in memory. */
export const extended_command = struct('extended_command', 'be', {
  inner_opcode: 'u32',
  inner_length: 'u32',
  inner_command_addr: 'u64',
});
export const EXTENDED_OPCODE = { CONFIGURE_FLOW_RULE: 0x101 } as const;
/** What a rule looks at; of a mask the bits that are compared. IPv4 addresses are in the first four bytes. */
export const flow_key = struct('flow_key', 'be', {
  source: { bytes: 16 },
  destination: { bytes: 16 },
  source_port: 'u16',
  destination_port: 'u16',
  tos: 'u8',
  padding: { bytes: 3 },
});
/** `action` is a receive queue. */
export const flow_rule = struct('flow_rule', 'be', {
  flow_type: 'u16',
  action: 'u16',
  key: { bytes: flow_key.size },
  mask: { bytes: flow_key.size },
});
/** AH and ESP have an SPI in the place of the ports. */
export const FLOW_TYPE = {
  TCPv4: 0,
  UDPv4: 1,
  SCTPv4: 2,
  AHv4: 3,
  ESPv4: 4,
  TCPv6: 5,
  UDPv6: 6,
  SCTPv6: 7,
  AHv6: 8,
  ESPv6: 9,
} as const;
export const configure_flow_rule = struct('configure_flow_rule', 'be', {
  opcode: 'u16',
  padding: { bytes: 2 },
  rule: { bytes: flow_rule.size },
  location: 'u32',
});
export const FLOW_RULE_ACT = { ADD: 0, DELETE: 1, RESET: 2 } as const;
/** How many rules a card has room for. */
export const FLOW_RULES_MOST = 512;
export const query_flow_rules = struct('query_flow_rules', 'be', {
  opcode: 'u16',
  reserved: { bytes: 2 },
  starting_rule_id: 'u32',
  available_length: 'u64',
  rule_descriptor_addr: 'u64',
});
export const FLOW_RULES_QUERY = { RULES: 0, IDS: 1, STATS: 2 } as const;
/** The answer; rules with their locations follow, or locations alone. */
export const flow_rules_reply = struct('flow_rules_reply', 'be', {
  num_flow_rules: 'u32',
  max_flow_rules: 'u32',
  num_flow_rules_in_desc: 'u32',
  total_length: 'u32',
});
/** The answer to REPORT_NIC_TIMESTAMP: the card's clock, and the processor's counter just before and just after it was read. */
export const nic_timestamp = struct('nic_timestamp', 'be', {
  nic_timestamp: 'u64',
  pre_cycles: 'u64',
  post_cycles: 'u64',
  reserved1: 'u64',
  reserved2: 'u64',
});
