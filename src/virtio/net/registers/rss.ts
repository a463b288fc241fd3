import type { ByteReader } from '../../../core/byte-reader.ts';
import { struct } from '../../../core/struct.ts';

/** Head of RSS_CONFIG; the indirection table and `max_tx_vq`, key length and key follow. */
export const virtio_net_rss_config = struct('virtio_net_rss_config', 'le', {
  hash_types: 'u32',
  indirection_table_mask: 'u16',
  unclassified_queue: 'u16',
});
/** Head of HASH_CONFIG; the key follows. */
export const virtio_net_hash_config = struct('virtio_net_hash_config', 'le', {
  hash_types: 'u32',
  reserved: { bytes: 8 },
  hash_key_length: 'u8',
});
/** Head of RSS_CTX_ADD and RSS_CTX_MOD; `virtio_net_rss_config` follows. */
export const virtnet_rss_ctx_add_modify = struct('virtnet_rss_ctx_add_modify', 'le', {
  rss_ctx_id: 'u16',
  reserved: { bytes: 6 },
});

const at = virtio_net_rss_config.offset;
const ENTRY = 2;

/** The parameters of receive-side scaling in a command (virtio 1.4, Setting RSS parameters). */
export interface RssConfig {
  readonly hashTypes: number;
  readonly mask: number;
  readonly unclassified: number;
  /** Receive queues, each by half its index. */
  readonly table: readonly number[];
  readonly maxTx: number;
  readonly keyLength: number;
  readonly key: Uint8Array;
  /** Whether the data end after the key. */
  readonly exact: boolean;
}

/** A table longer than the data is read only to their end. */
export function readRss(data: ByteReader, from = 0): RssConfig {
  const mask = data.u16(from + at.indirection_table_mask);
  const tableAt = from + virtio_net_rss_config.size;
  const entries = Math.min(mask + 1, Math.max(0, Math.floor((data.length - tableAt) / ENTRY)));
  const end = tableAt + ENTRY * (mask + 1);
  const keyLength = data.u8(end + ENTRY);
  return {
    hashTypes: data.u32(from + at.hash_types),
    mask,
    unclassified: data.u16(from + at.unclassified_queue),
    table: Array.from({ length: entries }, (_, i) => data.u16(tableAt + ENTRY * i)),
    maxTx: data.u16(end),
    keyLength,
    key: data.bytes(end + ENTRY + 1, keyLength),
    exact: data.length === end + ENTRY + 1 + keyLength,
  };
}
