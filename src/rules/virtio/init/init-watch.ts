import { BitSet } from '../../../core/bit-set.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface } from '../../../virtio/events.ts';
import { DEVICE_STATUS, FEATURE, foreignFeatures } from '../../../virtio/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { FEATURES, type FeatureKnows } from './features.ts';
import { INIT } from './init.ts';
import type { InitKnows } from './knows.ts';
import { StrangerWatch } from './strangers.ts';

const { DRIVER_OK, SUSPEND, DEVICE_NEEDS_RESET, FAILED } = DEVICE_STATUS.mask;

const NO_QUEUE = -1;

/** Watches a driver initialise a device, by either interface (virtio 1.4, Driver Initialization). */
export class InitWatch implements InitKnows, FeatureKnows {
  legacy: boolean;
  byLegacy = true;
  looked = false;
  /** The virtio capabilities were read since a status was written last. */
  private lookedLately = false;
  before = 0;
  value = 0;
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
  readonly written = new BitSet();
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
  private readonly strangers: StrangerWatch;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.legacy = facts.interfaces[0] === 'legacy';
    this.foreign = foreignFeatures(facts.virtioId);
    this.strangers = new StrangerWatch(() => facts.name, journal, this.foreign);
    const { agreed } = new Watch<FeatureKnows, 'agreed'>(journal, { ...FEATURES, ...facts.featureRules }).on;
    this.on = { ...new Watch(journal, INIT).on, agreed };
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

  power(): void {
    this.strangers.ended();
    this.looked = this.lookedLately = false;
    this.resetSeen = this.resetFresh = false;
    this.forget();
  }

  reset(): void {
    this.value = 0;
    // The next driver may be another than the one before.
    if (this.before !== 0) this.looked = this.lookedLately;
    this.on.reset.tell(this);
    this.forget();
    this.resetSeen = this.resetFresh = true;
    this.resetRead = false;
    this.resetAt = this.statusAt = this.journal.mark;
  }

  statusRead(value: number): void {
    this.shown |= value;
    if (value === 0) this.resetRead = true;
  }

  /** The driver reads the virtio capabilities. */
  looks(): void {
    this.looked = this.lookedLately = true;
  }

  /** A status other than 0 is being written, by this interface. */
  statusWritten(value: number, by: Interface): void {
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

  /** The device dropped bits that the driver had set: the driver is not to blame for missing them. */
  statusDropped(bits: number): void {
    this.before &= ~bits;
  }

  /** Any access but a read of the status or a reset. */
  used(): boolean {
    const kept = this.on.used.tell(this);
    this.resetFresh = false;
    return kept;
  }

  /** Like `used`, for an access for which a rule of the modern interface checks that the reset was waited for. */
  usedElsewhere(): void {
    this.resetFresh = false;
  }

  offersRead(): void {
    this.offerRead = true;
    this.offerAt = this.journal.mark;
    this.strangers.offersRead(this.offered);
  }

  /** @param word which 32 features. */
  featuresAccepted(word: number, value: number): void {
    this.value = this.before;
    this.featuresWritten = true;
    this.written.words[word] = value;
    this.features = value;
    this.unoffered = (value & ~(this.offered.words[word] ?? 0)) >>> 0;
    this.on.features.tell(this);
  }

  /** The driver closes the negotiation: the features accepted now are agreed. */
  agreed(): void {
    this.on.agreed.tell(this);
    this.strangers.agreed(this.written);
  }

  /** @param again after a reset of this queue alone. */
  placed(queue: number, again = false): void {
    this.queue = queue;
    this.again = again;
    this.on.placed.tell(this);
    this.queue = NO_QUEUE;
    this.anyQueue = true;
  }

  /** The driver sets up a queue that does not exist. */
  misplaced(): void {
    this.anyQueue = true;
  }

  kicked(queue: number): boolean {
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
    this.before = this.value = this.raised = this.shown = 0;
    this.revived = false;
    this.offerRead = this.featuresWritten = this.anyQueue = false;
    this.written.clear();
  }
}
