import type { BitSet } from '../../../core/bit-set.ts';
import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { NET_CONFIG_FEATURES, virtio_net_config } from '../../../virtio/net/registers.ts';
import { ADMIN } from './admin/admin.ts';
import { SECURED } from './admin/secured.ts';
import { CHANGING } from './changing.ts';
import { CLAIMS } from './claims/claims.ts';
import { CONTROL } from './control.ts';
import { DELIVERIES } from './deliveries.ts';
import { FRAMING } from './framing.ts';
import { RECEIVE } from './receive.ts';
import { TRANSMIT } from './transmit.ts';

const { status } = virtio_net_config.offset;

type Field = keyof typeof NET_CONFIG_FEATURES;
const FIELDS = Object.keys(NET_CONFIG_FEATURES) as Field[];

/** What the rules know of an access to the configuration of a card. */
export interface ConfigKnows extends Knows {
  readonly legacy: boolean;
  /** By the interface that is used. */
  readonly offered: BitSet;
  readonly offset: number;
  /** Of a store. */
  readonly stored: number;
}

export type ConfigMoment = 'stored' | 'read';

export const CONFIGURATION = {
  'virtio/CFG-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Configuration Space',
    text: 'Touch an optional field only after checking its feature was offered',
    advice: 'Read max_virtqueue_pairs only with MQ and mtu only with MTU: else there may be no such field.',
    on: 'read',
    // With all of them offered there is no field to be left alone.
    when: (k) => FIELDS.some((field) => !hasField(k, field)),
    kept: (k) => k.offset >= virtio_net_config.size || hasField(k, fieldAt(k.offset)),
    said: ({ offset }) =>
      `byte ${offset} of the configuration was read, of ${fieldAt(offset)}, whose feature was not offered`,
  },
  'virtio/NET-CFG-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device configuration layout',
    text: 'Never store to the device configuration area',
    advice:
      'Only read the configuration. A modern driver sets its address by the command MAC_ADDR_SET; a legacy one may write the six bytes of mac.',
    on: 'stored',
    // A legacy driver sets the MAC address there, for want of a command.
    kept: (k) => k.legacy && k.offset < status,
    said: (k) => `byte ${k.offset} of the configuration was written with ${hex(k.stored, 2)}`,
  },
} as const satisfies Rules<ConfigKnows, ConfigMoment>;

function hasField({ offered }: ConfigKnows, field: Field): boolean {
  return NET_CONFIG_FEATURES[field].some((feature) => offered.has(feature));
}

function fieldAt(offset: number): Field {
  return FIELDS.findLast((field) => virtio_net_config.offset[field] <= offset)!;
}

/** Rules of a network card, by virtio 1.4. */
export const NET = {
  ...CONFIGURATION,
  ...TRANSMIT,
  ...CLAIMS,
  ...DELIVERIES,
  ...RECEIVE,
  ...CONTROL,
  ...CHANGING,
  ...FRAMING,
  ...ADMIN,
  ...SECURED,
} as const;
