import { findWithin } from '../../net/frame/encapsulated.ts';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import { FlowHash } from './flow-hash.ts';
import { NET_HASH_REPORT } from './hash-registers.ts';
import type { RssConfig } from './registers/rss.ts';

const SLOTS = 256;
const BARE = NET_HASH_REPORT.NONE;

/** A queue that frames may come in on. */
interface Ready {
  /** Whether the receive queue of a pair is there for frames. */
  receives(pair: number): boolean;
  /** Frames for a queue that is not there wait for it: no driver resets queues by themselves. */
  readonly canWait: boolean;
}

/**
 * On which pair of queues a frame comes in (virtio 1.4, Automatic receive steering, Receive-side scaling).
 *
 * By itself a card puts a flow on the pair on which the guest last sent for it. By RSS_CONFIG the hash decides, by way of
 * a table; what has none comes in where unclassified frames do.
 */
export class Steering {
  /** What hashes the frames whose headers report it; null is nobody. */
  reporter: FlowHash | null = null;
  /** Through what packets go whose hash is that of the packet within, as bits of ENCAPSULATION. */
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

  /** All frames come in on the first pair, and nobody hashes them. */
  get isSingle(): boolean {
    return this.pairs === 1 && this.scaling === null && this.reporter === null;
  }

  /** By the card itself, on the first `pairs`. */
  steerOn(pairs: number): void {
    this.pairs = pairs;
    this.scaling = null;
  }

  /** By a hash and a table. */
  steerBy(rss: RssConfig): void {
    const hash = new FlowHash(rss.hashTypes, rss.key);
    this.scaling = { hash, rss };
    this.reporter = hash;
  }

  /** The guest sent a frame on a pair. */
  sent(frame: Uint8Array, pair: number): void {
    if (this.pairs > 1) this.sentOn[flowOf(frame)] = pair;
  }

  /** The pair for a frame that came; -1 is none. What hashes it has its hash then. */
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

  /** A queue that was reset by itself gets nothing while there is another. */
  private automatic(frame: Uint8Array): number {
    const chosen = this.pairs > 1 ? this.sentOn[flowOf(frame)]! : 0;
    const pair = chosen < this.pairs ? chosen : 0;
    if (this.card.canWait && this.pairs === 1) return pair;
    if (this.card.receives(pair)) return pair;
    for (let other = 0; other < this.pairs; other++) if (this.card.receives(other)) return other;
    return this.card.canWait ? pair : -1;
  }
}

/** Folds the addresses and ports of a frame of IP without tags, the same for both directions; others are one flow. */
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
