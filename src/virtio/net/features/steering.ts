import { findWithin } from '../../../net/frame/encapsulated.ts';
import { FrameLayout, findHeaders } from '../../../net/frame/layout.ts';
import { NET_HASH_REPORT } from '../hash-registers.ts';
import type { RssConfig } from '../registers/rss.ts';
import { FlowHash } from './flow-hash.ts';

const SLOTS = 256;
const BARE = NET_HASH_REPORT.NONE;

/** Access to the receive queues. */
interface Ready {
  /** Whether the receive queue of a pair is available. */
  receives(pair: number): boolean;
  /** Frames wait for an unavailable queue, since the driver cannot reset queues one by one. */
  readonly canWait: boolean;
}

/**
 * Chooses the pair for a received frame (virtio 1.4, Automatic receive steering, Receive-side scaling).
 *
 * Automatic steering puts a flow on the pair on which the guest last sent for it. With RSS_CONFIG the hash decides through
 * a table; frames without a hash go to the default queue.
 */
export class Steering {
  /** Computes the hash that headers report; null for none. */
  reporter: FlowHash | null = null;
  /** Tunnel types whose inner packet is hashed, as bits of ENCAPSULATION. */
  tunnels = 0;
  private readonly sentOn = new Uint16Array(SLOTS);
  private readonly layout = new FrameLayout();
  private readonly inner = new FrameLayout();
  private readonly card: Ready;
  /** Pairs in use, from the first on. */
  private pairs = 1;
  private scaling: { readonly hash: FlowHash; readonly rss: RssConfig } | null = null;

  constructor(card: Ready) {
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
