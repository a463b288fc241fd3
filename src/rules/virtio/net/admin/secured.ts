import type { Mark } from '../../../../core/access.ts';
import type { Journal } from '../../../../core/journal.ts';
import type { RingPicture } from '../../../../core/ring-picture.ts';
import type { Rules } from '../../../../core/rule.ts';
import { Watch } from '../../../../core/watch.ts';
import type { Chain, SentFrame } from '../../../../virtio/net/events.ts';
import type { NetFacts } from '../facts.ts';

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
export class SecuredWatch {
  /** resource_id of its header. */
  association = 0;
  /** Ids of the existing outbound security associations. */
  readonly outbound: ReadonlySet<number>;
  /** The frame was made available before one of them was destroyed. */
  older = false;
  negotiatedAt: Mark = 0;
  /** By queue: frames that were available when an association was destroyed last, and are not taken yet. */
  private old: number[] = [];
  private queue = 0;
  private chain: Chain | null = null;
  private readonly facts: NetFacts;
  private readonly on;

  /** @param outbound ids of the existing associations; the set changes in place. */
  constructor(facts: NetFacts, journal: Journal, outbound: ReadonlySet<number>) {
    this.facts = facts;
    this.outbound = outbound;
    this.on = new Watch(journal, SECURED).on;
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
    this.on.secured.tell(this);
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
