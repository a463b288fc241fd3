import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Streak } from '../../../core/streak.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { netHeaderSize } from '../../../virtio/net/registers.ts';
import type { NetFacts } from './facts.ts';
import { FRAMING, readableIn } from './framing.ts';
import { RECEIVE, type ReceiveKnows } from './receive.ts';

/** Watches the buffers that a driver receives into. Most are like the one before, and are only counted. */
export class ReceiveWatch implements ReceiveKnows {
  readonly accepted: BitSet;
  negotiatedAt: Mark = 0;
  readonly receives = true;
  queue = 0;
  chain: Chain | null = null;
  bytes = 0;
  first = 0;
  astray = 0;
  private readonly facts: NetFacts;
  private readonly chains;

  /** @param accepted what is negotiated, as it changes. */
  constructor(facts: NetFacts, journal: Journal, accepted: BitSet) {
    this.facts = facts;
    this.accepted = accepted;
    const watch = new Watch<ReceiveKnows, 'buffer' | 'sends' | 'drops'>(journal, { ...FRAMING, ...RECEIVE });
    this.chains = new Streak<ReceiveKnows>(journal, watch.at('buffer'), this);
  }

  get header(): number {
    return netHeaderSize(this.accepted);
  }

  get mtu(): number {
    return this.facts.shown.mtu;
  }

  get ringSize(): number {
    return this.facts.queueSizes[this.queue]!;
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  /** What the rules compare with is about to change: no buffer is like the one before. */
  changes(): void {
    this.chains.end();
  }

  buffer(queue: number, chain: Chain): void {
    const { readableBytes: astray, writableBytes: bytes } = chain;
    const first = bytes === 0 ? 0 : chain.lengthOf(astray === 0 ? 0 : readableIn(chain));
    const { chains } = this;
    if (chains.on && bytes === this.bytes && first === this.first && astray === this.astray) {
      chains.again();
      return;
    }
    chains.end();
    this.queue = queue;
    this.chain = chain;
    this.bytes = bytes;
    this.first = first;
    this.astray = astray;
    chains.begin();
  }
}
