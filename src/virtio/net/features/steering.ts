import type { ByteReader } from '../../../core/byte-reader.ts';
import { FlowHash } from '../../../net/frame/flow-hash.ts';
import { NET_HASH_REPORT } from '../../../net/frame/hash-registers.ts';
import { FrameLayout, findHeaders } from '../../../net/frame/layout.ts';
import { findWithin } from '../../../net/frame/tunnel.ts';
import {
  type RssConfig,
  readRss,
  virtio_net_hash_config,
  virtnet_rss_ctx_add_modify,
} from '../registers/rss.ts';
import { NET_FEATURE as F } from '../registers.ts';
import { type NetCard, type NetFeature, type Served, served } from './feature.ts';

const SLOTS = 256;
const BARE = NET_HASH_REPORT.NONE;
/** Maximum number of RSS contexts. */
const CONTEXTS_MOST = 4;
const { size: CONTEXT_HEAD } = virtnet_rss_ctx_add_modify;
const { offset: HASH, size: HASH_HEAD } = virtio_net_hash_config;

/**
 * Chooses the pair for a received frame (virtio 1.4, Automatic receive steering, Receive-side scaling).
 *
 * Automatic steering puts a flow on the pair on which the guest last sent for it. With RSS_CONFIG the hash decides through
 * a table; frames without a hash go to the default queue.
 */
export class Steering implements NetFeature {
  static readonly bits = [F.MQ, F.RSS, F.HASH_REPORT, F.HASH_TUNNEL, F.RSS_CONTEXT];
  readonly commands: readonly Served[] = [
    served('VQ_PAIRS_SET', (data) => this.setPairs(data.u16(0))),
    served('RSS_CONFIG', (data) => this.scale(readRss(data))),
    served('HASH_CONFIG', (data) => this.report(data)),
    served('HASH_TUNNEL_SET', (data) => this.hashWithin(data.u32(0))),
    served('RSS_CTX_CAP_GET', () => Uint8Array.of(CONTEXTS_MOST, 0)),
    served('RSS_CTX_ADD', (data) => {
      const id = data.u16(0);
      if (this.contexts.has(id) || !this.isContext(id, data)) return false;
      this.contexts.add(id);
      return true;
    }),
    served('RSS_CTX_MOD', (data) => this.contexts.has(data.u16(0)) && this.isContext(data.u16(0), data)),
    served('RSS_CTX_DEL', (data) => this.contexts.delete(data.u16(0))),
  ];
  /** Computes the hash that headers report; null for none. */
  reporter: FlowHash | null = null;
  /** Tunnel types whose inner packet is hashed, as bits of ENCAPSULATION. */
  tunnels = 0;
  private readonly sentOn = new Uint16Array(SLOTS);
  private readonly layout = new FrameLayout();
  private readonly inner = new FrameLayout();
  private readonly card: NetCard;
  /** Pairs in use, from the first on. */
  private pairs = 1;
  private scaling: { readonly hash: FlowHash; readonly rss: RssConfig } | null = null;
  private readonly contexts = new Set<number>();

  constructor(card: NetCard) {
    this.card = card;
  }

  /** All frames use the first pair, without a hash. */
  get isSingle(): boolean {
    return this.pairs === 1 && this.scaling === null && this.reporter === null;
  }

  /** Automatic steering on the first `pairs`. */
  steerOn(pairs: number): void {
    this.pairs = pairs;
    this.scaling = null;
  }

  /** Steering by a hash and a table. */
  steerBy(rss: RssConfig): void {
    const hash = new FlowHash(rss.hashTypes, rss.key);
    this.scaling = { hash, rss };
    this.reporter = hash;
  }

  /** The guest sent a frame on a pair. */
  sent(frame: Uint8Array, pair: number): void {
    if (this.pairs > 1) this.sentOn[flowOf(frame)] = pair;
  }

  /** The pair for a received frame, after hashing it; -1 for none. */
  pairFor(frame: Uint8Array): number {
    const { reporter, scaling } = this;
    if (reporter !== null || scaling !== null) this.hash(frame);
    if (scaling === null) return this.automatic(frame);
    const { hash, rss } = scaling;
    const pair = hash.report === BARE ? rss.unclassified : rss.table[hash.value & rss.mask]!;
    return this.card.receives(pair) ? pair : -1;
  }

  reset(): void {
    this.sentOn.fill(0);
    this.steerOn(1);
    this.reporter = null;
    this.tunnels = 0;
    this.contexts.clear();
  }

  private setPairs(pairs: number): boolean {
    const { card } = this;
    if (!card.hasPairs(pairs)) return false;
    card.events?.pairsSet(card.controlIndex, pairs, card.missing(pairs));
    card.sendOn(pairs);
    this.steerOn(pairs);
    card.settle();
    return true;
  }

  private scale(rss: RssConfig): boolean {
    const { card } = this;
    if (!this.isFine(rss)) return false;
    card.sendOn(rss.maxTx);
    this.steerBy(rss);
    card.settle();
    card.events?.steered(new Set([rss.unclassified, ...rss.table]), rss.maxTx);
    return true;
  }

  private report(data: ByteReader): boolean {
    const types = data.u32(HASH.hash_types);
    const length = data.u8(HASH.hash_key_length);
    const most = this.card.config.values.rss_max_key_size;
    if (!this.isSupported(types) || data.length !== HASH_HEAD + length || length > most) return false;
    this.reporter = new FlowHash(types, data.bytes(HASH_HEAD, length));
    return true;
  }

  private hashWithin(types: number): boolean {
    if ((types & ~this.card.config.values.supported_tunnel_types) !== 0) return false;
    this.tunnels = types;
    this.card.settle();
    return true;
  }

  private isContext(id: number, data: ByteReader): boolean {
    return id >= 1 && id <= CONTEXTS_MOST && this.isFine(readRss(data, CONTEXT_HEAD));
  }

  private isFine(rss: RssConfig): boolean {
    const { card } = this;
    const { rss_max_indirection_table_length: most, rss_max_key_size } = card.config.values;
    const { mask, table, unclassified, maxTx } = rss;
    return (
      this.isSupported(rss.hashTypes) &&
      rss.exact &&
      rss.keyLength <= rss_max_key_size &&
      mask < most &&
      (mask & (mask + 1)) === 0 &&
      maxTx > 0 &&
      card.kindOf(2 * maxTx - 1) === 'transmit' &&
      [...table, unclassified].every((half) => card.kindOf(2 * half) === 'receive')
    );
  }

  private isSupported(hashTypes: number): boolean {
    return (hashTypes & ~this.card.config.values.supported_hash_types) === 0;
  }

  private hash(frame: Uint8Array): void {
    const { reporter, scaling, layout, inner, tunnels } = this;
    findHeaders(frame, layout);
    const within = tunnels !== 0 && (findWithin(frame, layout, inner) & tunnels) !== 0;
    const at = within ? inner : layout;
    reporter?.take(frame, at);
    if (scaling !== null && scaling.hash !== reporter) scaling.hash.take(frame, at);
  }

  /** Avoids a queue that was reset alone if there is another. */
  private automatic(frame: Uint8Array): number {
    const chosen = this.pairs > 1 ? this.sentOn[flowOf(frame)]! : 0;
    const pair = chosen < this.pairs ? chosen : 0;
    if (this.card.canWait && this.pairs === 1) return pair;
    if (this.card.receives(pair)) return pair;
    for (let other = 0; other < this.pairs; other++) if (this.card.receives(other)) return other;
    return this.card.canWait ? pair : -1;
  }
}

/** Folds addresses and ports of an untagged IP frame, the same for both directions; other frames are one flow. */
function flowOf(frame: Uint8Array): number {
  const type = frame.length < 38 ? 0 : (frame[12]! << 8) | frame[13]!;
  if (type === 0x0800) return fold(frame, 26, 38);
  if (type === 0x86dd) return fold(frame, 22, Math.min(58, frame.length));
  return 0;
}

function fold(frame: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum ^= frame[i]!;
  return sum;
}
