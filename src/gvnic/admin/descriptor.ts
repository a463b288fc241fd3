import type { Struct } from '../../core/struct.ts';
import { FLOW_RULES_MOST } from '../registers/admin.ts';
import {
  device_descriptor,
  device_option,
  FEATURE,
  OPTION,
  option_buffer_sizes,
  option_dqo_qpl,
  option_dqo_rda,
  option_flow_steering,
  option_gqi,
  option_jumbo_frames,
  option_modify_ring,
  option_nic_timestamp,
  option_rss_config,
  type QueueFormat,
} from '../registers/descriptor.ts';
import {
  BUFFER_SIZES,
  type GvnicOffer,
  type GvnicSettings,
  JUMBO_MTU,
  LEAST_RX_TOLD,
  pagesMost,
  RING,
  RSS_SIZES,
  TX_PAGES,
} from '../settings.ts';

/** The bit of the word of a format that says that a feature may be used. */
const BIT: Record<GvnicOffer, number> = {
  MODIFY_RING: FEATURE.MODIFY_RING,
  JUMBO_FRAMES: FEATURE.JUMBO,
  BUFFER_SIZES: FEATURE.BUFFER_SIZES,
  FLOW_STEERING: FEATURE.FLOW_STEERING,
  NIC_TIMESTAMP: FEATURE.NIC_TIMESTAMP,
  RSS_CONFIG: FEATURE.RSS,
};

/** The answer to DESCRIBE_DEVICE, with those of its options that `room` bytes hold: iPXE leaves 40 bytes, which hold none. */
export function describeCard(settings: GvnicSettings, room: number): Uint8Array {
  const { mac, pairs, ringSize, mtu, formats, offer } = settings;
  let total: number = device_descriptor.size;
  const options = [
    ...formats.map((format) => optionOfFormat(format, settings)),
    ...offer.map((feature) => optionOfFeature(feature, settings)),
  ].filter(({ length }) => {
    const fits = total + length <= room;
    if (fits) total += length;
    return fits;
  });
  const reply = new Uint8Array(total);
  device_descriptor.encode(
    {
      max_registered_pages: BigInt(pagesMost(settings)),
      tx_queue_entries: ringSize,
      rx_queue_entries: ringSize,
      default_num_queues: pairs,
      mtu,
      counters: 2 * pairs,
      tx_pages_per_qpl: TX_PAGES.gqi,
      // Drivers take it for the size of the ring.
      rx_pages_per_qpl: ringSize,
      mac,
      num_device_options: options.length,
      total_length: total,
    },
    reply,
  );
  let at: number = device_descriptor.size;
  for (const bytes of options) {
    reply.set(bytes, at);
    at += bytes.length;
  }
  return reply;
}

function optionOfFormat(format: QueueFormat, { ringSize, offer }: GvnicSettings): Uint8Array {
  const supported_features_mask = offer.reduce((mask, feature) => mask | BIT[feature], 0);
  switch (format) {
    case 'GQI_RDA':
    case 'GQI_QPL':
      return option(OPTION[format], option_gqi, { supported_features_mask });
    case 'DQO_RDA':
      return option(OPTION.DQO_RDA, option_dqo_rda, {
        supported_features_mask,
        tx_comp_ring_entries: ringSize,
        rx_buff_ring_entries: ringSize,
      });
    case 'DQO_QPL':
      return option(OPTION.DQO_QPL, option_dqo_qpl, {
        supported_features_mask,
        tx_pages_per_qpl: TX_PAGES.dqo,
        rx_pages_per_qpl: 2 * ringSize,
      });
  }
}

function optionOfFeature(feature: GvnicOffer, { ringSize }: GvnicSettings): Uint8Array {
  switch (feature) {
    case 'MODIFY_RING':
      return option(OPTION.MODIFY_RING, option_modify_ring, {
        max_rx_ring_size: RING.most,
        max_tx_ring_size: RING.most,
        min_rx_ring_size: Math.min(ringSize, LEAST_RX_TOLD),
        min_tx_ring_size: RING.leastTx,
      });
    case 'JUMBO_FRAMES':
      return option(OPTION.JUMBO_FRAMES, option_jumbo_frames, { max_mtu: JUMBO_MTU });
    case 'BUFFER_SIZES':
      return option(OPTION.BUFFER_SIZES, option_buffer_sizes, {
        packet_buffer_size: BUFFER_SIZES.packet,
        header_buffer_size: BUFFER_SIZES.header,
      });
    case 'FLOW_STEERING':
      return option(OPTION.FLOW_STEERING, option_flow_steering, { max_flow_rules: FLOW_RULES_MOST });
    case 'NIC_TIMESTAMP':
      return option(OPTION.NIC_TIMESTAMP, option_nic_timestamp, {});
    case 'RSS_CONFIG':
      return option(OPTION.RSS_CONFIG, option_rss_config, {
        hash_key_size: RSS_SIZES.key,
        hash_lut_size: RSS_SIZES.table,
      });
  }
}

/** An option with its head. The required mask stays 0: a driver must not use an option otherwise. */
function option(option_id: number, body: Struct, values: Readonly<Record<string, number>>): Uint8Array {
  const bytes = new Uint8Array(device_option.size + body.size);
  device_option.encode({ option_id, option_length: body.size }, bytes);
  body.encode(values as never, bytes, device_option.size);
  return bytes;
}
