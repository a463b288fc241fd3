import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { virtio_net_config } from '../../../virtio/net/registers.ts';
import { CONTROL } from './control.ts';
import { FRAMING } from './framing.ts';
import { RECEIVE } from './receive.ts';
import { TRANSMIT } from './transmit.ts';

const { status } = virtio_net_config.offset;

/** What the rules know of a store to the configuration of a card. */
export interface ConfigKnows extends Knows {
  readonly legacy: boolean;
  readonly offset: number;
  readonly stored: number;
}

export const CONFIGURATION = {
  'virtio/NET-CFG-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device configuration layout',
    text: 'Never store to the device configuration area',
    on: 'stored',
    // A legacy driver sets the MAC address there, for want of a command.
    kept: (k) => k.legacy && k.offset < status,
    said: (k) => `byte ${k.offset} of the configuration was written with ${k.stored}`,
  },
} as const satisfies Rules<ConfigKnows, 'stored'>;

/** Rules of a network card, by virtio 1.4. */
export const NET = { ...CONFIGURATION, ...TRANSMIT, ...RECEIVE, ...CONTROL, ...FRAMING } as const;
