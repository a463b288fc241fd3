import type { Mark } from '../../../../core/access.ts';
import type { BitSet } from '../../../../core/bit-set.ts';
import type { Journal } from '../../../../core/journal.ts';
import type { RingPicture } from '../../../../core/ring-picture.ts';
import type { Rules } from '../../../../core/rule.ts';
import { Watch } from '../../../../core/watch.ts';
import type { Chain, NetEvents, SentFrame } from '../../../../virtio/net/events.ts';
import { NET_FEATURE, NET_HDR_F_SECURITY } from '../../../../virtio/net/registers.ts';
import type { QueueWatches } from '../../queue/queue-watches.ts';
import type { NetFacts } from '../facts.ts';

const { IPSEC } = NET_FEATURE;
const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** Rules of frames with VIRTIO_NET_HDR_F_SECURITY, which IPSEC (70) brings. */
export const SECURED = {
  'virtio/NET-TX-D35': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'SECURITY flag only after an outbound SA object exists',
    advice: 'Create an IPSEC_OUTB_SA by the administration virtqueue, and wait until the card has it.',
    on: 'secured',
    when: (k) => !k.older,
    kept: (k) => k.outbound.size > 0,
    said: () => 'a frame with the flag SECURITY was sent, and there is no outbound security association',
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D36': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'SECURITY flag comes with the id of a live outbound SA',
    advice: 'Write the id by which the association was created to resource_id of the header.',
    on: 'secured',
    when: (k) => !k.older && k.outbound.size > 0,
    kept: (k) => k.outbound.has(k.association),
    said: (k) =>
      `resource_id of a frame with the flag SECURITY is ${k.association}, and there are ${[...k.outbound].join(', ')}`,
    since: (k) => k.negotiatedAt,
  },
} as const satisfies Rules<SecuredWatch>;

/** Watches the frames that a driver wants secured. */
export class SecuredWatch implements Partial<NetEvents> {
  /** resource_id of its header. */
  association = 0;
  /** Ids of the existing outbound security associations. */
  readonly outbound: ReadonlySet<number>;
  /** The frame was made available before one of them was destroyed. */
  older = false;
  negotiatedAt: Mark = 0;
  /** By queue: frames that were available when an association was destroyed last, and are not taken yet. */
  private old: number[] = [];
  /** How many associations there were at the last command. */
  private before = 0;
  private queue = 0;
  private chain: Chain | null = null;
  private readonly facts: NetFacts;
  private readonly journal: Journal;
  private readonly accepted: BitSet;
  private readonly queues: QueueWatches;
  private readonly on;

  /**
   * @param accepted the negotiated features; the set changes in place.
   * @param outbound ids of the existing associations; the set changes in place.
   */
  constructor(
    facts: NetFacts,
    journal: Journal,
    accepted: BitSet,
    outbound: ReadonlySet<number>,
    queues: QueueWatches,
  ) {
    this.facts = facts;
    this.journal = journal;
    this.accepted = accepted;
    this.outbound = outbound;
    this.queues = queues;
    this.on = new Watch(journal, SECURED).on;
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  negotiated(): void {
    this.negotiatedAt = this.journal.mark;
  }

  sends(queue: number, chain: Chain, sent: SentFrame): void {
    if (!this.accepted.has(IPSEC)) return;
    if ((sent.flags & NET_HDR_F_SECURITY) !== 0) this.asked(queue, chain, sent);
    this.drops(queue);
  }

  /** Any frame of that queue was taken. */
  drops(queue: number): void {
    const left = this.old[queue] ?? 0;
    if (left > 0) this.old[queue] = left - 1;
  }

  /** The card answered a command, and may have destroyed an association. */
  statusGiven(): void {
    const { outbound, queues } = this;
    if (outbound.size < this.before) this.old = queues.list.map((_, queue) => queues.waitingIn(queue));
    this.before = outbound.size;
  }

  reset(): void {
    this.old = [];
    this.before = 0;
  }

  private asked(queue: number, chain: Chain, { resourceId }: SentFrame): void {
    this.queue = queue;
    this.chain = chain;
    this.association = resourceId;
    this.older = (this.old[queue] ?? 0) > 0;
    this.on.secured.tell(this);
  }
}
