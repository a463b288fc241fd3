import type { Mark } from '../../../core/access.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

const GRATUITOUS = 'virtio 1.4, Gratuitous Packet Sending';

/** What the rules know of a change that a driver was told of, and has had its time to see to. */
export interface ChangingKnows extends Knows {
  /** When it changed. */
  readonly changedAt: Mark;
  /** Since then. */
  readonly waited: Nanos;
  /** ANNOUNCE_ACK came, and a frame was sent. */
  readonly acked: boolean;
  readonly sent: boolean;
  /** speed and duplex were read. */
  readonly reread: boolean;
  /** status was. */
  readonly linkRead: boolean;
}

type ChangingMoment = 'announced' | 'speed' | 'link';

/** What a driver does about a configuration that changes. */
export const CHANGING = {
  'virtio/NET-ANN-D1': {
    strength: 'SHOULD',
    where: GRATUITOUS,
    text: 'After the ANNOUNCE bit, peers are told of the new location',
    advice: 'Send a gratuitous ARP, or whatever frame has the address of the card as its source.',
    on: 'announced',
    kept: (k) => k.sent,
    said: (k) => `ANNOUNCE was set, and no frame was sent in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
  'virtio/NET-ANN-D2': {
    strength: 'MUST',
    where: GRATUITOUS,
    text: 'ANNOUNCE is answered with ANNOUNCE_ACK on the control queue',
    advice: 'When the configuration has changed, read status; with bit 1 in it, send the command.',
    on: 'announced',
    kept: (k) => k.acked,
    said: (k) => `ANNOUNCE was set, and not acknowledged in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
  'virtio/NET-CFG-D12': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Device configuration layout',
    text: 'speed and duplex are read again after a configuration interrupt',
    advice: 'Read both fields when the device says that its configuration has changed.',
    on: 'speed',
    kept: (k) => k.reread,
    said: (k) => `speed or duplex changed, and was not read again in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
  'virtio/NET-CFG-D6': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Device configuration layout',
    text: 'With STATUS, learn link state from bit 0 of status (asked of who was told of a change by a message)',
    advice: 'Read status when the device says that its configuration has changed, or leave STATUS (16).',
    on: 'link',
    kept: (k) => k.linkRead,
    said: (k) => `the link went or came, and status was not read in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
} as const satisfies Rules<ChangingKnows, ChangingMoment>;

function seconds({ waited }: ChangingKnows): string {
  return `${(waited / 1e9).toFixed(1)} s`;
}
