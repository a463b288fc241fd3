import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import { TUNNEL_TYPES } from '../../../virtio/net/hash-registers.ts';
import {
  type RssConfig,
  readRss,
  virtio_net_hash_config,
  virtnet_rss_ctx_add_modify,
} from '../../../virtio/net/registers/rss.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { type ControlKnows, of } from './command.ts';

const { RSS_CONTEXT } = NET_FEATURE;
const PARAMETERS = 'virtio 1.4, Setting RSS parameters';
const CONTEXT = 'virtio 1.4, RSS Context';
const INNER = 'virtio 1.4, Inner Header Hash';
const RSS = ['RSS_CONFIG', 'RSS_CTX_ADD', 'RSS_CTX_MOD'] as const;
const { reserved, hash_types } = virtio_net_hash_config.offset;
const RESERVED_BYTES = 8;

/** Rules on the parameters of hashes, and of the queues that they select. */
export const STEERING = {
  'virtio/NET-HASHCFG-D1': {
    where: 'virtio 1.4, Hash calculation',
    text: 'A driver MUST set the reserved words of HASH_CONFIG to 0.',
    advice: 'Clear the eight bytes after hash_types.',
    ...of('HASH_CONFIG'),
    kept: (k) => reservedOf(k).every((byte) => byte === 0),
    said: (k) =>
      `the reserved words of HASH_CONFIG are ${Array.from(reservedOf(k), (byte) => hex(byte, 2)).join(' ')}`,
  },
  'virtio/NET-RSS-D2': {
    where: PARAMETERS,
    text: 'A driver MUST name only enabled receive queues in the indirection table.',
    advice: 'Name receive queues that are set up, each by half its index, with bit 15 clear.',
    ...of(...RSS),
    kept: (k) => wrongEntry(k) === undefined,
    said: (k) =>
      `the indirection table has entry ${hex(wrongEntry(k)!, 4)}, which is not an enabled receive queue`,
  },
  'virtio/NET-RSS-D3': {
    where: PARAMETERS,
    text: 'A driver MUST give the indirection table a power of two of entries.',
    advice: 'Write 0, 1, 3, 7 … to indirection_table_mask, and one entry more than that.',
    ...of(...RSS),
    kept: (k) => isMask(rss(k).mask) && rss(k).table.length === rss(k).mask + 1,
    said: (k) => `indirection_table_mask is ${rss(k).mask}, with ${rss(k).table.length} entries`,
  },
  'virtio/NET-RSS-D4': {
    where: PARAMETERS,
    text: 'A driver MUST keep indirection_table_mask below rss_max_indirection_table_length.',
    advice: 'Read the configuration, and use at most as many entries as it says.',
    ...of(...RSS),
    kept: (k) => rss(k).mask < k.shown.rss_max_indirection_table_length,
    said: (k) =>
      `indirection_table_mask is ${rss(k).mask}, and the table has ${k.shown.rss_max_indirection_table_length} entries at most`,
  },
  'virtio/NET-RSS-D5': {
    where: PARAMETERS,
    text: 'A driver MUST NOT set a bit in hash_types outside supported_hash_types.',
    advice: 'Set only bits that supported_hash_types in the configuration has.',
    ...of(...RSS, 'HASH_CONFIG'),
    kept: (k) => (hashTypes(k) & ~k.shown.supported_hash_types) === 0,
    said: (k) =>
      `hash_types is ${hex(hashTypes(k), 8)}, and ${hex(k.shown.supported_hash_types, 8)} are supported`,
  },
  'virtio/NET-RSSCTX-D2': {
    where: CONTEXT,
    text: 'A driver MUST use an rss_ctx_id from 1 to max_rss_contexts.',
    advice: 'Ask CAP_GET how many contexts there are, and count them from 1.',
    ...of('RSS_CTX_ADD', 'RSS_CTX_MOD', 'RSS_CTX_DEL'),
    kept: (k) => contextOf(k) >= 1 && contextOf(k) <= (k.contextsMost ?? Number.POSITIVE_INFINITY),
    said: (k) =>
      `rss_ctx_id is ${contextOf(k)}, but there are ${k.contextsMost ?? 'as many as CAP_GET says'}`,
  },
  'virtio/NET-RSSCTX-D3': {
    where: CONTEXT,
    text: 'A driver MUST NOT send VQ_PAIRS_SET while an RSS context exists.',
    advice: 'Delete the contexts first.',
    on: 'command',
    when: (k) => k.known === 'VQ_PAIRS_SET' && k.accepted.has(RSS_CONTEXT),
    kept: (k) => k.contexts.size === 0,
    said: (k) => `VQ_PAIRS_SET was sent while RSS context ${[...k.contexts][0]} exists`,
  },
  'virtio/NET-IHH-D2': {
    where: INNER,
    text: 'A driver MUST NOT enable a tunnel type outside supported_tunnel_types.',
    advice: 'Set only bits that supported_tunnel_types in the configuration has.',
    ...of('HASH_TUNNEL_SET'),
    kept: (k) => (k.data.u32(0) & ~k.shown.supported_tunnel_types) === 0,
    said: (k) =>
      `tunnels ${hex(k.data.u32(0), 8)} were enabled, and ${hex(k.shown.supported_tunnel_types, 8)} are supported`,
  },
  'virtio/NET-IHH-D3': {
    where: INNER,
    text: 'A driver MUST ignore undefined bits of supported_tunnel_types.',
    advice: 'Enable only tunnels that the driver supports, whatever else the device supports.',
    on: 'command',
    when: (k) => k.known === 'HASH_TUNNEL_SET' && (k.shown.supported_tunnel_types & ~TUNNEL_TYPES) !== 0,
    kept: (k) => (k.data.u32(0) & k.shown.supported_tunnel_types & ~TUNNEL_TYPES) === 0,
    said: (k) => `tunnels ${hex(k.data.u32(0), 8)} were enabled, of which bits 9 and up mean nothing`,
  },
} as const satisfies Rules<ControlKnows, 'command'>;

/** The parameters of the command, behind a context's id if it has one. */
function rss({ known, data }: ControlKnows): RssConfig {
  return readRss(data, known === 'RSS_CONFIG' ? 0 : virtnet_rss_ctx_add_modify.size);
}

function hashTypes(k: ControlKnows): number {
  return k.known === 'HASH_CONFIG' ? k.data.u32(hash_types) : rss(k).hashTypes;
}

function reservedOf({ data }: ControlKnows): Uint8Array {
  return data.bytes(reserved, RESERVED_BYTES);
}

/** The first entry that is no receive queue; entries of a table with an impossible length are not checked. */
function wrongEntry(k: ControlKnows): number | undefined {
  const { mask, table, unclassified } = rss(k);
  const entries = isMask(mask) && table.length === mask + 1 ? table : [];
  return [...entries, unclassified].find((half) => k.kindOf(2 * half) !== 'receive');
}

function isMask(mask: number): boolean {
  return (mask & (mask + 1)) === 0;
}

function contextOf({ data }: ControlKnows): number {
  return data.u16(0);
}
