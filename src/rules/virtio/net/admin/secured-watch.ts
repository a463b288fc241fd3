import type { Mark } from '../../../../core/access.ts';
import type { Journal } from '../../../../core/journal.ts';
import type { RingPicture } from '../../../../core/ring-picture.ts';
import { Watch } from '../../../../core/watch.ts';
import type { Chain, SentFrame } from '../../../../virtio/net/events.ts';
import type { NetFacts } from '../facts.ts';
import { SECURED, type SecuredKnows, type SecuredMoment } from './secured.ts';

/** Watches the frames that a driver wants secured. */
export class SecuredWatch implements SecuredKnows {
  association = 0;
  older = false;
  negotiatedAt: Mark = 0;
  readonly outbound: ReadonlySet<number>;
  /** Of each queue: frames that were available when an association was destroyed last, and are not taken yet. */
  private old: number[] = [];
  private queue = 0;
  private chain: Chain | null = null;
  private readonly facts: NetFacts;
  private readonly onSecured;

  /** @param outbound ids of the associations that there are, as they come and go. */
  constructor(facts: NetFacts, journal: Journal, outbound: ReadonlySet<number>) {
    this.facts = facts;
    this.outbound = outbound;
    this.onSecured = new Watch<SecuredKnows, SecuredMoment>(journal, SECURED).at('secured');
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  /** A frame with the flag was taken. */
  sends(queue: number, chain: Chain, { resourceId }: SentFrame): void {
    this.queue = queue;
    this.chain = chain;
    this.association = resourceId;
    this.older = (this.old[queue] ?? 0) > 0;
    this.onSecured.tell(this);
  }

  /** An association is gone. @param waiting chains of each queue that are available and were not taken. */
  destroyed(waiting: readonly number[]): void {
    this.old = [...waiting];
  }

  /** Any frame of that queue was taken. */
  took(queue: number): void {
    const left = this.old[queue] ?? 0;
    if (left > 0) this.old[queue] = left - 1;
  }

  forget(): void {
    this.old = [];
  }
}
