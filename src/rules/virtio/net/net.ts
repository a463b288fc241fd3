import type { BitSet } from '../../../core/bit-set.ts';
import { hex, type Width } from '../../../core/bits.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import type { Interface } from '../../../virtio/events.ts';
import type { Chain, NetEvents, SentFrame } from '../../../virtio/net/events.ts';
import { NET_CONFIG_FEATURES, virtio_net_config } from '../../../virtio/net/registers.ts';
import { StockWatch } from '../queue/stock.ts';
import { VirtioWatch } from '../virtio-watch.ts';
import { ADMIN, AdminWatch } from './admin/admin.ts';
import { CHANGING, ChangingWatch } from './changing.ts';
import { CLAIMS } from './claims/claims.ts';
import { CONTROL, ControlWatch } from './control.ts';
import { DELIVERIES } from './deliveries.ts';
import type { NetFacts } from './facts.ts';
import { FRAMING } from './framing.ts';
import { RECEIVE, ReceiveWatch } from './receive.ts';
import { TRANSMIT, TransmitWatch } from './transmit.ts';

/** The first receive queue. */
const FIRST_RECEIVE = 0;
const { status } = virtio_net_config.offset;

type Field = keyof typeof NET_CONFIG_FEATURES;
const FIELDS = Object.keys(NET_CONFIG_FEATURES) as Field[];

export const CONFIGURATION = {
  'virtio/CFG-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Configuration Space',
    text: 'Touch an optional field only after checking its feature was offered',
    advice:
      'Look for the feature of a field before the field is read, as MAC for mac: else there may be no such field.',
    on: 'read',
    // With all of them offered no field is off limits.
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
    // A legacy driver sets the MAC address there, because it has no command for it.
    kept: (k) => k.legacy && k.offset < status,
    said: (k) => `byte ${k.offset} of the configuration was written with ${hex(k.stored, 2)}`,
  },
} as const satisfies Rules<NetWatch>;

function hasField({ offered }: NetWatch, field: Field): boolean {
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

/**
 * Watches a driver of one network card.
 *
 * @example
 * device.watchedBy(new NetWatch(facts, journal));
 */
export class NetWatch extends VirtioWatch implements NetEvents {
  /** The features offered by the interface that is used. */
  offered: BitSet;
  offset = 0;
  /** The value of a store. */
  stored = 0;
  private readonly trail: Journal;
  private readonly transmits: TransmitWatch;
  private readonly receives: ReceiveWatch;
  private readonly controls: ControlWatch;
  private readonly stock: StockWatch;
  /** The pairs that RSS_CONFIG names for received frames; null is the enabled ones. */
  private steeredTo: ReadonlySet<number> | null = null;
  private readonly changing: ChangingWatch;
  private readonly admin: AdminWatch;
  private readonly on;

  constructor(facts: NetFacts, journal: Journal) {
    super(facts, journal);
    this.trail = journal;
    this.offered = facts.offers.legacy;
    // Two queues a pair, and the one for control.
    const pairs = (facts.numQueues ?? facts.queueSizes.length) >> 1;
    this.transmits = new TransmitWatch(facts, journal, this.accepted, pairs);
    this.receives = new ReceiveWatch(facts, journal, this.accepted);
    this.controls = new ControlWatch(facts, journal, this.accepted, pairs);
    this.stock = new StockWatch('frames', journal);
    this.changing = new ChangingWatch(facts, journal);
    this.admin = new AdminWatch(facts, journal, this.accepted);
    this.on = new Watch(journal, CONFIGURATION).on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  override negotiated(accepted: BitSet, legacy: boolean): void {
    this.changes();
    super.negotiated(accepted, legacy);
    const { mark } = this.trail;
    this.transmits.negotiatedAt = this.receives.negotiatedAt = this.controls.negotiatedAt = mark;
    this.controls.legacy = legacy;
  }

  override power(): void {
    super.power();
    this.forgetAll();
  }

  override reset(): void {
    super.reset();
    this.forgetAll();
  }

  override configAccessed(by: Interface, offset: number, width: Width, field: number, write: boolean): void {
    super.configAccessed(by, offset, width, field, write);
    if (write) return;
    if (offset < status) this.transmits.claims.macRead = true;
    this.tellConfig(this.on.read, by === 'legacy', offset, 0);
    this.changing.read(offset, width);
  }

  /** The read may be of the address. */
  override windowUsed(...how: Parameters<VirtioWatch['windowUsed']>): void {
    super.windowUsed(...how);
    this.transmits.claims.macRead = true;
  }

  configWritten(offset: number, value: number): void {
    this.tellConfig(this.on.stored, this.legacy, offset, value);
  }

  sends(queue: number, chain: Chain, sent: SentFrame): void {
    if (this.changing.waits) this.changing.sends();
    this.transmits.sends(queue, chain, sent);
  }

  drops(queue: number, chain: Chain): void {
    this.transmits.drops(queue, chain);
  }

  buffer(queue: number, chain: Chain): void {
    this.receives.buffer(queue, chain);
  }

  command(queue: number, chain: Chain, className: number, number: number, data: ByteReader): void {
    this.controls.command(queue, chain, className, number, data);
    if (this.controls.known === 'ANNOUNCE_ACK') this.changing.acknowledged();
    this.changing.used();
  }

  answered(ok: boolean, result: Uint8Array): void {
    this.controls.answered(ok, result);
  }

  commanded(queue: number, chain: Chain, opcode: number, group: number, data: ByteReader): void {
    this.admin.commanded(queue, chain, opcode, group, data);
  }

  statusGiven(status: number, result: Uint8Array): void {
    this.admin.statusGiven(status, result);
  }

  pairsSet(queue: number, pairs: number, missing: number): void {
    this.controls.pairsSet(queue, pairs, missing);
    this.enable(pairs, true);
  }

  steered(receive: ReadonlySet<number>, transmit: number): void {
    this.enable(transmit, true);
    this.steeredTo = receive;
  }

  announces(told: boolean): void {
    this.changing.announces(told);
  }

  linkChanged(told: boolean): void {
    // With INTx it is unknown whether a driver listens for more than its queues.
    if (told && this.vectors.msix) this.changing.linkChanged();
  }

  speedChanged(told: boolean): void {
    this.changing.speedChanged(told);
  }

  /** A driver that only sends has no receive queue in use, though it may have set one up. */
  protected override ended(): void {
    super.ended();
    const receiving = this.queues.filter((_, i) => i % 2 === 0 && this.isReceiving(i >> 1));
    const receives =
      receiving.length > 1 ||
      receiving.some(({ announce }) => announce.inUse) ||
      this.vectors.listened.has(FIRST_RECEIVE);
    for (const queue of receiving)
      if (receives && queue.place !== null)
        this.stock.ended(queue, queue.announce.isStocked, queue.announce.starved, queue.left);
  }

  private isReceiving(pair: number): boolean {
    return this.steeredTo?.has(pair) ?? pair < this.transmits.enabled;
  }

  private tellConfig(moment: Moment<NetWatch>, legacy: boolean, offset: number, value: number): void {
    this.offered = this.facts.offers[legacy ? 'legacy' : 'modern'];
    this.offset = offset;
    this.stored = value;
    moment.tell(this);
  }

  /** @param commanded by the driver, and not by a reset. */
  private enable(pairs: number, commanded: boolean): void {
    this.changes();
    this.steeredTo = null;
    this.transmits.enable(pairs, commanded, (queue) => this.waitingIn(queue));
    this.transmits.enabledAt = this.trail.mark;
  }

  private forgetAll(): void {
    this.controls.forget();
    this.changing.forget();
    this.admin.reset();
    this.enable(1, false);
  }

  private changes(): void {
    this.transmits.changes();
    this.receives.changes();
  }
}
