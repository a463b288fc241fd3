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
    strength: 'MUST',
    where: 'virtio 1.4, Hash calculation',
    text: 'The reserved words of HASH_CONFIG are zero',
    advice: 'Clear the eight bytes behind hash_types.',
    ...of('HASH_CONFIG'),
    kept: (k) => reservedOf(k).every((byte) => byte === 0),
    said: (k) =>
      `the reserved words of HASH_CONFIG are ${Array.from(reservedOf(k), (byte) => hex(byte, 2)).join(' ')}`,
  },
  'virtio/NET-RSS-D2': {
    strength: 'MUST',
    where: PARAMETERS,
    text: 'The indirection table names only enabled receive queues',
    advice: 'Name receive queues that are set up, each by half its index, with bit 15 clear.',
    ...of(...RSS),
    kept: (k) => wrongEntry(k) === undefined,
    said: (k) =>
      `the indirection table has entry ${hex(wrongEntry(k)!, 4)}, which is no receive queue that is set up`,
  },
  'virtio/NET-RSS-D3': {
    strength: 'MUST',
    where: PARAMETERS,
    text: 'The indirection table has a power of two of entries',
    advice: 'Write 0, 1, 3, 7 … to indirection_table_mask, and one entry more than that.',
    ...of(...RSS),
    kept: (k) => isMask(rss(k).mask) && rss(k).table.length === rss(k).mask + 1,
    said: (k) => `indirection_table_mask is ${rss(k).mask}, with ${rss(k).table.length} entries`,
  },
  'virtio/NET-RSS-D4': {
    strength: 'MUST',
    where: PARAMETERS,
    text: 'indirection_table_mask is below rss_max_indirection_table_length',
    advice: 'Read the configuration, and have no more entries than it says.',
    ...of(...RSS),
    kept: (k) => rss(k).mask < k.shown.rss_max_indirection_table_length,
    said: (k) =>
      `indirection_table_mask is ${rss(k).mask}, and the table has ${k.shown.rss_max_indirection_table_length} entries at most`,
  },
  'virtio/NET-RSS-D5': {
    strength: 'MUST NOT',
    where: PARAMETERS,
    text: 'No hash type bit outside supported_hash_types',
    advice: 'Set only bits that supported_hash_types in the configuration has.',
    ...of(...RSS, 'HASH_CONFIG'),
    kept: (k) => (hashTypes(k) & ~k.shown.supported_hash_types) === 0,
    said: (k) =>
      `hash_types is ${hex(hashTypes(k), 8)}, and ${hex(k.shown.supported_hash_types, 8)} are supported`,
  },
  'virtio/NET-RSSCTX-D2': {
    strength: 'MUST',
    where: CONTEXT,
    text: 'rss_ctx_id is 1 up to max_rss_contexts',
    advice: 'Ask by CAP_GET how many contexts there are, and count them from 1.',
    ...of('RSS_CTX_ADD', 'RSS_CTX_MOD', 'RSS_CTX_DEL'),
    kept: (k) => contextOf(k) >= 1 && contextOf(k) <= (k.contextsMost ?? Number.POSITIVE_INFINITY),
    said: (k) =>
      `rss_ctx_id is ${contextOf(k)}, and there are ${k.contextsMost ?? 'as many as CAP_GET says'}`,
  },
  'virtio/NET-RSSCTX-D3': {
    strength: 'MUST NOT',
    where: CONTEXT,
    text: 'No VQ_PAIRS_SET while an RSS context exists',
    advice: 'Delete the contexts first.',
    on: 'command',
    when: (k) => k.known === 'VQ_PAIRS_SET' && k.accepted.has(RSS_CONTEXT),
    kept: (k) => k.contexts.size === 0,
    said: (k) => `VQ_PAIRS_SET was sent while RSS context ${[...k.contexts][0]} exists`,
  },
  'virtio/NET-IHH-D2': {
    strength: 'MUST NOT',
    where: INNER,
    text: 'enabled_tunnel_types stays inside supported_tunnel_types',
    advice: 'Set only bits that supported_tunnel_types in the configuration has.',
    ...of('HASH_TUNNEL_SET'),
    kept: (k) => (k.data.u32(0) & ~k.shown.supported_tunnel_types) === 0,
    said: (k) =>
      `tunnels ${hex(k.data.u32(0), 8)} were enabled, and ${hex(k.shown.supported_tunnel_types, 8)} are supported`,
  },
  'virtio/NET-IHH-D3': {
    strength: 'MUST',
    where: INNER,
    text: 'Bits of supported_tunnel_types that nothing describes are ignored',
    advice: 'Enable only tunnels that the driver knows, whatever else is supported.',
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
