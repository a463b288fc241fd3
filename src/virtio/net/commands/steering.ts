import type { ByteReader } from '../../../core/byte-reader.ts';
import { type CommandedCard, type Served, served } from '../features/feature.ts';
import {
  type RssConfig,
  readRss,
  virtio_net_hash_config,
  virtnet_rss_ctx_add_modify,
} from '../registers/rss.ts';

/** Maximum number of RSS contexts. */
const CONTEXTS_MOST = 4;
const { size: CONTEXT_HEAD } = virtnet_rss_ctx_add_modify;
const { offset: HASH, size: HASH_HEAD } = virtio_net_hash_config;

export const STEERING: readonly Served[] = [
  served('VQ_PAIRS_SET', (card, data) => card.setPairs(data.u16(0))),
  served('GUEST_OFFLOADS_SET', (card, data) => card.setOffloads(data.low(0), data.high(0))),
  served('RSS_CONFIG', (card, data) => {
    const rss = readRss(data);
    if (!isFine(card, rss)) return false;
    card.steer(rss);
    return true;
  }),
  served('HASH_CONFIG', (card, data) => {
    const types = data.u32(HASH.hash_types);
    const length = data.u8(HASH.hash_key_length);
    const most = card.config.values.rss_max_key_size;
    if (!isSupported(card, types) || data.length !== HASH_HEAD + length || length > most) return false;
    card.report(types, data.bytes(HASH_HEAD, length));
    return true;
  }),
  served('HASH_TUNNEL_SET', (card, data) => {
    const types = data.u32(0);
    if ((types & ~card.config.values.supported_tunnel_types) !== 0) return false;
    card.hashWithin(types);
    return true;
  }),
  served('RSS_CTX_CAP_GET', () => Uint8Array.of(CONTEXTS_MOST, 0)),
  served('RSS_CTX_ADD', (card, data) => {
    const { contexts } = card.asked;
    const id = data.u16(0);
    if (contexts.has(id) || !isContext(card, id, data)) return false;
    contexts.add(id);
    return true;
  }),
  served(
    'RSS_CTX_MOD',
    (card, data) => card.asked.contexts.has(data.u16(0)) && isContext(card, data.u16(0), data),
  ),
  served('RSS_CTX_DEL', (card, data) => card.asked.contexts.delete(data.u16(0))),
];

function isContext(card: CommandedCard, id: number, data: ByteReader): boolean {
  return id >= 1 && id <= CONTEXTS_MOST && isFine(card, readRss(data, CONTEXT_HEAD));
}

function isFine(card: CommandedCard, rss: RssConfig): boolean {
  const { rss_max_indirection_table_length: most, rss_max_key_size } = card.config.values;
  const { mask, table, unclassified, maxTx } = rss;
  return (
    isSupported(card, rss.hashTypes) &&
    rss.exact &&
    rss.keyLength <= rss_max_key_size &&
    mask < most &&
    (mask & (mask + 1)) === 0 &&
    maxTx > 0 &&
    card.kindOf(2 * maxTx - 1) === 'transmit' &&
    [...table, unclassified].every((half) => card.kindOf(2 * half) === 'receive')
  );
}

function isSupported(card: CommandedCard, hashTypes: number): boolean {
  return (hashTypes & ~card.config.values.supported_hash_types) === 0;
}
