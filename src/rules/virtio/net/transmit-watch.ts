import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Streak } from '../../../core/streak.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { NET_HDR_GSO, netHeaderSize } from '../../../virtio/net/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { FRAMING } from './framing.ts';
import { SentHeader } from './sent-header.ts';
import { TRANSMIT, type TransmitKnows, type TransmitMoment } from './transmit.ts';

const { ECN } = NET_HDR_GSO;

/** Watches what a driver sends. Most frames are like the one before, and are only counted. */
export class TransmitWatch implements TransmitKnows {
  readonly accepted: BitSet;
  negotiatedAt: Mark = 0;
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
  csumStart = 0;
  buffers = 0;
  header = 0;
  done = false;
  /** Frames of each queue that were available when pairs were enabled last. */
  private readonly old: number[] = [];
  private gsoType = 0;
  private readonly sent = new SentHeader();
  private readonly facts: VirtioFacts;
  private readonly frames;
  private readonly onDrops;
  private readonly onSegmented;
  private readonly onSummed;

  /** @param accepted what is negotiated, as it changes. */
  constructor(facts: VirtioFacts, journal: Journal, accepted: BitSet, pairs: number) {
    this.facts = facts;
    this.accepted = accepted;
    this.pairs = pairs;
    const watch = new Watch<TransmitKnows, TransmitMoment | 'buffer'>(journal, { ...FRAMING, ...TRANSMIT });
    this.frames = new Streak<TransmitKnows>(journal, watch.at('sends'), this);
    this.onDrops = watch.at('drops');
    this.onSegmented = watch.at('segmented');
    this.onSummed = watch.at('summed');
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
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

  sends(queue: number, chain: Chain, flags: number, gsoType: number, gsoSize: number, buffers: number): void {
    const { frames } = this;
    if (
      frames.on &&
      chain.readableBytes === this.bytes &&
      chain.writableBytes === this.astray &&
      chain.lengthOf(0) === this.first &&
      queue === this.queue &&
      flags === this.flags &&
      gsoType === this.gsoType &&
      gsoSize === this.gsoSize &&
      buffers === this.buffers
    ) {
      frames.again();
      return;
    }
    frames.end();
    this.took(queue, chain);
    this.flags = flags;
    this.gsoType = gsoType;
    this.gso = gsoType & ~ECN;
    this.gsoSize = gsoSize;
    this.buffers = buffers;
    this.header = this.sent.sizeOf(chain, netHeaderSize(this.accepted), buffers);
    frames.begin();
    if (this.older) frames.end();
  }

  drops(queue: number, chain: Chain): void {
    this.frames.end();
    this.took(queue, chain);
    this.header = netHeaderSize(this.accepted);
    this.onDrops.tell(this);
  }

  segmented(queue: number, gsoSize: number, done: boolean): void {
    this.queue = queue;
    this.gsoSize = gsoSize;
    this.done = done;
    this.onSegmented.tell(this);
  }

  summed(queue: number, csumStart: number, done: boolean): void {
    this.queue = queue;
    this.csumStart = csumStart;
    this.done = done;
    this.onSummed.tell(this);
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
