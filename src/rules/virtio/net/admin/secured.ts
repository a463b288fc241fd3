import type { Mark } from '../../../../core/access.ts';
import type { Rules } from '../../../../core/rule.ts';
import type { Knows } from '../../../../core/watch.ts';

const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** What the rules know of a frame that the card is to secure. */
export interface SecuredKnows extends Knows {
  /** resource_id of its header. */
  readonly association: number;
  /** Ids of the outbound security associations that there are. */
  readonly outbound: ReadonlySet<number>;
  /** The frame was made available before one of them was destroyed. */
  readonly older: boolean;
  readonly negotiatedAt: Mark;
}

export type SecuredMoment = 'secured';

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
} as const satisfies Rules<SecuredKnows, SecuredMoment>;
