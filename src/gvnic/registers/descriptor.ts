import { struct } from '../../core/struct.ts';

/** The answer to DESCRIBE_DEVICE; options follow. */
export const device_descriptor = struct('device_descriptor', 'be', {
  max_registered_pages: 'u64',
  reserved1: 'u16',
  tx_queue_entries: 'u16',
  rx_queue_entries: 'u16',
  default_num_queues: 'u16',
  mtu: 'u16',
  counters: 'u16',
  tx_pages_per_qpl: 'u16',
  rx_pages_per_qpl: 'u16',
  mac: { bytes: 6 },
  num_device_options: 'u16',
  total_length: 'u16',
  reserved2: { bytes: 6 },
});
/** Before the body of each option. */
export const device_option = struct('device_option', 'be', {
  option_id: 'u16',
  option_length: 'u16',
  required_features_mask: 'u32',
});
export const OPTION = {
  GQI_RAW_ADDRESSING: 0x1,
  GQI_RDA: 0x2,
  GQI_QPL: 0x3,
  DQO_RDA: 0x4,
  MODIFY_RING: 0x6,
  DQO_QPL: 0x7,
  JUMBO_FRAMES: 0x8,
  BUFFER_SIZES: 0xa,
  FLOW_STEERING: 0xb,
  NIC_TIMESTAMP: 0xd,
  RSS_CONFIG: 0xe,
} as const;
/** Bits of the first word of an option that names a format: what the driver may use with it. */
export const FEATURE = {
  MODIFY_RING: 1 << 0,
  JUMBO: 1 << 2,
  BUFFER_SIZES: 1 << 4,
  FLOW_STEERING: 1 << 5,
  RSS: 1 << 7,
  NIC_TIMESTAMP: 1 << 8,
} as const;
/** The body of GQI_RDA and GQI_QPL. */
export const option_gqi = struct('option_gqi', 'be', { supported_features_mask: 'u32' });
export const option_dqo_rda = struct('option_dqo_rda', 'be', {
  supported_features_mask: 'u32',
  tx_comp_ring_entries: 'u16',
  rx_buff_ring_entries: 'u16',
});
export const option_dqo_qpl = struct('option_dqo_qpl', 'be', {
  supported_features_mask: 'u32',
  tx_pages_per_qpl: 'u16',
  rx_pages_per_qpl: 'u16',
});
export const option_modify_ring = struct('option_modify_ring', 'be', {
  supported_features_mask: 'u32',
  max_rx_ring_size: 'u16',
  max_tx_ring_size: 'u16',
  min_rx_ring_size: 'u16',
  min_tx_ring_size: 'u16',
});
export const option_jumbo_frames = struct('option_jumbo_frames', 'be', {
  supported_features_mask: 'u32',
  max_mtu: 'u16',
  padding: { bytes: 2 },
});
export const option_buffer_sizes = struct('option_buffer_sizes', 'be', {
  supported_features_mask: 'u32',
  packet_buffer_size: 'u16',
  header_buffer_size: 'u16',
});
export const option_flow_steering = struct('option_flow_steering', 'be', {
  supported_features_mask: 'u32',
  reserved: 'u32',
  max_flow_rules: 'u32',
});
export const option_nic_timestamp = struct('option_nic_timestamp', 'be', { supported_features_mask: 'u32' });
export const option_rss_config = struct('option_rss_config', 'be', {
  supported_features_mask: 'u32',
  hash_key_size: 'u16',
  hash_lut_size: 'u16',
});
/** How rings look and what their descriptors hold, by the number in CONFIGURE_DEVICE_RESOURCES. */
export const QUEUE_FORMAT = { UNSPECIFIED: 0, GQI_RDA: 1, GQI_QPL: 2, DQO_RDA: 3, DQO_QPL: 4 } as const;
export type QueueFormat = 'GQI_RDA' | 'GQI_QPL' | 'DQO_RDA' | 'DQO_QPL';
