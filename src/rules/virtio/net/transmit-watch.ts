import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Streak } from '../../../core/streak.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain, SentFrame } from '../../../virtio/net/events.ts';
import { netHeaderSize } from '../../../virtio/net/registers.ts';
import { ClaimWatch } from './claims/claim-watch.ts';
import { gsoOf } from './claims/knows.ts';
import type { NetFacts } from './facts.ts';
import { FRAMING } from './framing.ts';
import { SentHeader } from './sent-header.ts';
import { TRANSMIT, type TransmitKnows, type TransmitMoment } from './transmit.ts';

/** Watches what a driver sends. Most frames are like the one before, and are only counted. */
export class TransmitWatch implements TransmitKnows {
  readonly accepted: BitSet;
  readonly receives = false;
  readonly pairs: number;
  enabled = 1;
  enabledAt: Mark = 0;
  commanded = false;
  older = false;
  queue = 0;
  chain: Chain | null = null;
  bytes = 0;
  first = 0;
  astray = 0;
  flags = 0;
  gso = 0;
  gsoSize = 0;
  buffers = 0;
  hash = 0;
  header = 0;
  gsoType = 0;
  /** Frames of each queue that were available when pairs were enabled last. */
  private readonly old: number[] = [];
  private readonly looked = new SentHeader();
  readonly claims: ClaimWatch;
  private readonly facts: NetFacts;
  private readonly frames;
  private readonly onDrops;

  /** @param accepted what is negotiated, as it changes. */
  constructor(facts: NetFacts, journal: Journal, accepted: BitSet, pairs: number) {
    this.facts = facts;
    this.accepted = accepted;
    this.pairs = pairs;
    const watch = new Watch<TransmitKnows, TransmitMoment | 'buffer'>(journal, { ...FRAMING, ...TRANSMIT });
    this.frames = new Streak<TransmitKnows>(journal, watch.at('sends'), this);
    this.onDrops = watch.at('drops');
    this.claims = new ClaimWatch(facts, journal, accepted);
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  get negotiatedAt(): Mark {
    return this.claims.negotiatedAt;
  }

  set negotiatedAt(mark: Mark) {
    this.claims.negotiatedAt = mark;
  }

  /** @param waiting chains of a queue that are available and were not taken. */
  enable(pairs: number, commanded: boolean, waiting: (queue: number) => number): void {
    this.enabled = pairs;
    this.commanded = commanded;
    for (let pair = pairs; pair < this.pairs; pair++) this.old[pair] = commanded ? waiting(2 * pair + 1) : 0;
  }

  /** What the rules compare with is about to change: no frame is like the one before. */
  changes(): void {
    this.frames.end();
  }

  sends(queue: number, chain: Chain, sent: SentFrame): void {
    const { frames } = this;
    if (this.isAlike(queue, chain, sent)) frames.again();
    else {
      frames.end();
      this.took(queue, chain);
      this.fills(chain, sent);
      frames.begin();
      if (this.older) frames.end();
    }
    // Behind another header the card takes other bytes for the frame.
    if (this.header === netHeaderSize(this.accepted)) this.claims.sends(queue, sent);
  }

  drops(queue: number, chain: Chain): void {
    this.frames.end();
    this.took(queue, chain);
    this.header = netHeaderSize(this.accepted);
    this.onDrops.tell(this);
  }

  private isAlike(queue: number, chain: Chain, sent: SentFrame): boolean {
    return (
      this.frames.on &&
      chain.readableBytes === this.bytes &&
      chain.writableBytes === this.astray &&
      chain.lengthOf(0) === this.first &&
      queue === this.queue &&
      sent.flags === this.flags &&
      sent.gsoType === this.gsoType &&
      sent.gsoSize === this.gsoSize &&
      sent.numBuffers === this.buffers &&
      sent.hash === this.hash
    );
  }

  private fills(chain: Chain, { flags, gsoType, gsoSize, numBuffers, hash }: SentFrame): void {
    this.flags = flags;
    this.gsoType = gsoType;
    this.gso = gsoOf(gsoType);
    this.gsoSize = gsoSize;
    this.buffers = numBuffers;
    this.hash = hash;
    this.header = this.looked.sizeOf(chain, netHeaderSize(this.accepted), numBuffers);
  }

  private took(queue: number, chain: Chain): void {
    this.queue = queue;
    this.chain = chain;
    this.bytes = chain.readableBytes;
    this.first = this.bytes === 0 ? 0 : chain.lengthOf(0);
    this.astray = chain.writableBytes;
    const pair = queue >> 1;
    this.older = pair >= this.enabled && this.old[pair]! > 0;
    if (this.older) this.old[pair]!--;
  }
}
