import { BitSet } from '../../../core/bit-set.ts';
import type { Nanos, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import type { Interface, VirtioEvents } from '../../../virtio/events.ts';
import {
  DEVICE_FEATURES,
  DEVICE_STATUS,
  DRIVER_FEATURES,
  FEATURE,
  foreignFeatures,
  QUEUE_ADDRESS,
} from '../../../virtio/registers.ts';
import * as modern from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import type { QueueSetupWatch } from '../transport/queue-setup-watch.ts';
import { FEATURES, type FeatureKnows } from './features.ts';
import { INIT } from './init.ts';
import type { InitKnows } from './knows.ts';
import { isReset, isStatus } from './status.ts';
import { StrangerWatch } from './strangers.ts';

const { DRIVER, DRIVER_OK, FEATURES_OK, SUSPEND, DEVICE_NEEDS_RESET, FAILED } = DEVICE_STATUS.mask;

const NO_QUEUE = -1;

/** Watches a driver initialise a device, by either interface (virtio 1.4, Driver Initialization). */
export class InitWatch implements InitKnows, FeatureKnows, Partial<VirtioEvents> {
  legacy: boolean;
  byLegacy = true;
  looked = false;
  /** The virtio capabilities were read since a status was written last. */
  private lookedLately = false;
  before = 0;
  value = 0;
  /** The device's own status. */
  status = 0;
  /** Which 32 features the modern interface's driver_feature means. */
  word = 0;
  raised = 0;
  shown = 0;
  revived = false;
  resetSeen = false;
  resetFresh = false;
  resetRead = false;
  offerRead = false;
  featuresWritten = false;
  features = 0;
  unoffered = 0;
  readonly accepted = new BitSet();
  readonly wanted = new BitSet();
  readonly lost = new BitSet();
  readonly foreign: readonly number[];
  anyQueue = false;
  /** The queue that is being placed or kicked. */
  queue = NO_QUEUE;
  again = false;
  resetAt = 0;
  statusAt = 0;
  offerAt = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly setup: QueueSetupWatch;
  private readonly strangers: StrangerWatch;
  private readonly on;
  private readonly onAgreed: readonly Moment<FeatureKnows>[];

  constructor(facts: VirtioFacts, journal: Journal, setup: QueueSetupWatch) {
    this.facts = facts;
    this.journal = journal;
    this.setup = setup;
    this.legacy = facts.interfaces[0] === 'legacy';
    this.foreign = foreignFeatures(facts.virtioId);
    this.strangers = new StrangerWatch(() => facts.name, journal, this.foreign);
    this.on = new Watch(journal, INIT).on;
    const { featureRules } = facts;
    const tables = featureRules === undefined ? [FEATURES] : [FEATURES, featureRules];
    this.onAgreed = tables.map((table) => new Watch(journal, table).on.agreed);
  }

  get subject(): string {
    return this.facts.name;
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue) ?? null;
  }

  get queueName(): string {
    return this.facts.role(this.queue);
  }

  get offered(): BitSet {
    return this.facts.offers[this.legacy ? 'legacy' : 'modern'];
  }

  reset(powered: boolean): void {
    if (powered) this.powered();
    else this.resets();
  }

  private powered(): void {
    this.strangers.ended();
    this.looked = this.lookedLately = false;
    this.resetSeen = this.resetFresh = false;
    this.lost.clear();
    this.forget();
  }

  private resets(): void {
    this.value = 0;
    // The next driver may be another than the one before.
    if (this.before !== 0) this.looked = this.lookedLately;
    this.on.reset.tell(this);
    if ((this.before & DRIVER) === 0) this.lost.words.set(this.wanted.words);
    else this.lost.clear();
    this.forget();
    this.resetSeen = this.resetFresh = true;
    this.resetRead = false;
    this.resetAt = this.statusAt = this.journal.mark;
  }

  read(_by: Interface, register: Register | null): void {
    if (isStatus(register)) return;
    this.used();
    if (register === DEVICE_FEATURES || register === modern.device_feature) this.offersRead();
  }

  written(by: Interface, register: Register | null, _offset: number, _width: Width, value: number): void {
    if (register === null || isReset(register, value)) return;
    this.writes(by);
    if (isStatus(register)) this.statusWritten(value, by);
    else if (this.takes(register)) this.featuresTaken(by, value);
    else if (register === modern.driver_feature_select) this.word = value;
    else if (value !== 0) this.queueWritten(register, value);
  }

  configAccessed(by: Interface, _offset: number, _width: Width, _field: number, write: boolean): void {
    if (write) this.writes(by);
    else this.used();
  }

  statusRead(value: number): void {
    this.shown |= value;
    if (value === 0) this.resetRead = true;
  }

  /** The device dropped bits that the driver had set: the driver is not to blame for missing them. */
  statusChanged(status: number, dropped: number): void {
    this.status = status;
    this.before &= ~dropped;
  }

  negotiated(accepted: BitSet, legacy: boolean): void {
    this.accepted.words.set(accepted.words);
    this.legacy = legacy;
  }

  /** A read by a guest that is not judged does not count for the driver after it. */
  capabilityRead(): void {
    if (!this.journal.quiet) this.looked = this.lookedLately = true;
  }

  /** Whether features written to this register now count: the device has not agreed to others. */
  takes(register: Register): boolean {
    const open = (this.status & FEATURES_OK) === 0;
    if (register === DRIVER_FEATURES) return this.legacy || open;
    return register === modern.driver_feature && open;
  }

  private statusWritten(value: number, by: Interface): void {
    if (by === 'modern' && (value & ~this.status & FEATURES_OK) !== 0) this.agreed();
    this.value = value;
    this.byLegacy = by === 'legacy';
    this.lookedLately = false;
    this.on.status.tell(this);
    if ((this.before & FAILED) !== 0) this.revived = true;
    const live = (value & ~this.before & DRIVER_OK) !== 0;
    if (live) this.on.live.tell(this);
    if (live && this.legacy && this.byLegacy) this.agreed();
    if (live) this.strangers.live(this.offered);
    if ((value & ~this.before & FAILED) !== 0) this.strangers.ended();
    // The driver need not keep bits that the device sets or drops by itself.
    this.before = value & ~(DEVICE_NEEDS_RESET | this.dropped);
    this.raised |= value;
    this.statusAt = this.journal.mark;
  }

  /** A suspended device drops SUSPEND, and had DRIVER_OK before. */
  private get dropped(): number {
    return this.accepted.has(FEATURE.SUSPEND) ? SUSPEND : 0;
  }

  /** Any access but a read of the status or a reset. */
  used(): boolean {
    const kept = this.on.used.tell(this);
    this.resetFresh = false;
    return kept;
  }

  /** Of the modern interface PCI-COMMON-D5 covers writes, as RESET-D1 does all accesses. */
  private writes(by: Interface): void {
    if (by === 'legacy') this.used();
    else this.resetFresh = false;
  }

  private offersRead(): void {
    this.offerRead = true;
    this.offerAt = this.journal.mark;
    this.strangers.offersRead(this.offered);
  }

  private featuresTaken(by: Interface, value: number): void {
    this.legacy = by === 'legacy';
    const word = this.legacy ? 0 : this.word;
    this.value = this.before;
    this.featuresWritten = true;
    this.wanted.words[word] = value;
    this.features = value;
    this.unoffered = (value & ~(this.offered.words[word] ?? 0)) >>> 0;
    this.on.features.tell(this);
  }

  /** The driver closes the negotiation: the features accepted now are agreed. */
  private agreed(): void {
    for (const moment of this.onAgreed) moment.tell(this);
    this.strangers.agreed(this.wanted);
  }

  /** An address by the legacy interface, or queue_enable: the selected queue is set up. */
  private queueWritten(register: Register, value: number): void {
    const { setup } = this;
    const enables = register === modern.queue_enable && value === 1;
    if (!enables && register !== QUEUE_ADDRESS) return;
    if (!setup.exists) this.anyQueue = true;
    else if (!(enables && setup.isEnabled)) this.placed(setup.queue, enables && setup.again);
  }

  /** @param again after a reset of this queue alone. */
  private placed(queue: number, again: boolean): void {
    this.queue = queue;
    this.again = again;
    this.on.placed.tell(this);
    this.queue = NO_QUEUE;
    this.anyQueue = true;
  }

  /** @returns whether the rules of kicks are kept. */
  judgesKick(queue: number): boolean {
    this.queue = queue;
    const kept = this.on.kicked.tell(this);
    this.queue = NO_QUEUE;
    return kept;
  }

  /** Kicks equal to the last one of this queue. */
  kickedAgain(queue: number, times: number, last: Nanos): void {
    this.queue = queue;
    this.on.kicked.repeat(this, times, last);
  }

  private forget(): void {
    this.before = this.value = this.raised = this.shown = this.status = this.word = 0;
    this.revived = false;
    this.offerRead = this.featuresWritten = this.anyQueue = false;
    this.wanted.clear();
  }
}
