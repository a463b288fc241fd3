import type { BitSet } from '../../../core/bit-set.ts';
import { hex, type Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import type { Interface } from '../../../virtio/events.ts';
import { NET_EVENTS, type NetEvents } from '../../../virtio/net/events.ts';
import { NET_CONFIG_FEATURES, virtio_net_config } from '../../../virtio/net/registers.ts';
import type { InitWatch } from '../init/init-watch.ts';
import { VirtioWatches } from '../watches.ts';
import { ADMIN, AdminWatch } from './admin/admin.ts';
import { CHANGING, ChangingWatch } from './changing.ts';
import { CLAIMS, ClaimWatch } from './claims/claims.ts';
import { CONTROL, ControlWatch } from './control.ts';
import { DELIVERIES } from './deliveries.ts';
import type { NetFacts } from './facts.ts';
import { FRAMING } from './framing.ts';
import { RECEIVE, ReceiveStock, ReceiveWatch } from './receive.ts';
import { TRANSMIT, TransmitWatch } from './transmit.ts';

const { status } = virtio_net_config.offset;

type Field = keyof typeof NET_CONFIG_FEATURES;
const FIELDS = Object.keys(NET_CONFIG_FEATURES) as Field[];

export const CONFIGURATION = {
  'virtio/CFG-D3': {
    where: 'virtio 1.4, Device Configuration Space',
    text: 'A driver MUST check that the feature of an optional configuration field was offered before accessing the field.',
    advice:
      'Check the feature of a field before reading it, such as MAC for mac: without it the field may not exist.',
    on: 'read',
    // With all of them offered no field is off limits.
    when: (k) => FIELDS.some((field) => !hasField(k, field)),
    kept: (k) => k.offset >= virtio_net_config.size || hasField(k, fieldAt(k.offset)),
    said: ({ offset }) =>
      `byte ${offset} of the configuration was read, of ${fieldAt(offset)}, whose feature was not offered`,
    follows: ['pci/BAR-ALIGN'],
  },
  'virtio/NET-CFG-D1': {
    where: 'virtio 1.4, Device configuration layout',
    text: 'A driver MUST NOT write to the device configuration (but for mac by the legacy interface).',
    advice:
      'Only read the configuration. A modern driver sets its address with the command MAC_ADDR_SET; a legacy one may write the six bytes of mac.',
    on: 'stored',
    // A legacy driver sets the MAC address there, because it has no command for it.
    kept: (k) => k.legacy && k.offset < status,
    said: (k) => `byte ${k.offset} of the configuration was written with ${hex(k.stored, 2)}`,
  },
} as const satisfies Rules<ConfigurationWatch>;

function hasField({ offered }: ConfigurationWatch, field: Field): boolean {
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
} as const;

/** Watches how a driver accesses the configuration of a network card. */
class ConfigurationWatch implements Partial<NetEvents> {
  /** The features offered by the interface that is used. */
  offered: BitSet;
  offset = 0;
  /** The value of a store. */
  stored = 0;
  private readonly facts: NetFacts;
  private readonly init: InitWatch;
  private readonly on;

  constructor(facts: NetFacts, journal: Journal, init: InitWatch) {
    this.facts = facts;
    this.init = init;
    this.offered = facts.offers.legacy;
    this.on = new Watch(journal, CONFIGURATION).on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  get legacy(): boolean {
    return this.init.legacy;
  }

  configAccessed(by: Interface, offset: number, _width: Width, _field: number, write: boolean): void {
    if (!write) this.tell(this.on.read, by, offset, 0);
  }

  configWritten(offset: number, value: number): void {
    this.tell(this.on.stored, this.legacy ? 'legacy' : 'modern', offset, value);
  }

  private tell(moment: Moment<ConfigurationWatch>, by: Interface, offset: number, value: number): void {
    this.offered = this.facts.offers[by];
    this.offset = offset;
    this.stored = value;
    moment.tell(this);
  }
}

/**
 * Judges a driver of one network card.
 *
 * @example
 * device.watchedBy(judgeNet(facts, journal));
 */
export function judgeNet(facts: NetFacts, journal: Journal): NetEvents {
  const common = new VirtioWatches(facts, journal);
  const { init, queues } = common;
  const { accepted } = init;
  const transmits = new TransmitWatch(facts, journal, queues);
  return common.events<NetEvents>(NET_EVENTS, [
    ...common.list,
    new ConfigurationWatch(facts, journal, init),
    transmits,
    new ClaimWatch(facts, journal, accepted, transmits),
    new ReceiveWatch(facts, journal),
    new ReceiveStock(journal, common),
    new ControlWatch(facts, journal, accepted),
    new ChangingWatch(facts, journal),
    new AdminWatch(facts, journal, accepted),
  ]);
}
