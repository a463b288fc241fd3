import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { type FeatureKnows, MODERN_FEATURES } from './features.ts';
import type { InitWatch } from './init-watch.ts';
import { MODERN_INIT, type ModernInitKnows, type ModernInitMoment } from './modern-init.ts';
import { SuspendWatch } from './suspend-watch.ts';

const { DRIVER_OK, FEATURES_OK } = DEVICE_STATUS.mask;

/** Watches the steps of initialisation that only the modern interface has. */
export class ModernInitWatch implements ModernInitKnows, FeatureKnows {
  status = 0;
  resetPending = false;
  firstWrite = false;
  closed = false;
  refused = false;
  together = false;
  statusRead = false;
  word = 0;
  features = 0;
  resetAt = 0;
  closedAt = 0;
  private step: 'live' | 'enabled' | 'configured' = 'live';
  private queue = 0;
  /** Which offers of 32 features were read. A driver that wakes a device up need not read them again. */
  private readonly offersRead = new Set<number>();
  readonly suspend: SuspendWatch;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly watch: Watch<ModernInitKnows, ModernInitMoment>;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, init: InitWatch) {
    this.facts = facts;
    this.suspend = new SuspendWatch(facts, journal);
    this.journal = journal;
    this.init = init;
    this.watch = new Watch<ModernInitKnows, ModernInitMoment>(journal, MODERN_INIT);
    this.on = {
      written: this.watch.at('written'),
      features: this.watch.at('features'),
      config: this.watch.at('config'),
      onward: this.watch.at('onward'),
      agreed: new Watch<FeatureKnows, 'agreed'>(journal, MODERN_FEATURES).at('agreed'),
    };
  }

  get subject(): string {
    return this.facts.subject();
  }

  get what(): string {
    if (this.step === 'live') return 'DRIVER_OK was set';
    return this.step === 'enabled'
      ? `${this.facts.role(this.queue)} was enabled`
      : 'the device configuration was written';
  }

  get offered(): BitSet {
    return this.facts.offers.modern;
  }

  get written(): BitSet {
    return this.init.written;
  }

  get foreign(): readonly number[] {
    return this.init.foreign;
  }

  get offerAt(): number {
    return this.init.offerAt;
  }

  get offerRead(): boolean {
    return this.offersRead.has(this.word);
  }

  power(): void {
    this.offersRead.clear();
  }

  /** Power came on, or the driver reset the device. */
  forget(resetPending: boolean): void {
    this.status = 0;
    this.suspend.forget();
    this.resetPending = this.firstWrite = resetPending;
    this.closed = this.refused = this.statusRead = false;
    this.resetAt = this.journal.mark;
    this.watch.forget();
  }

  readStatus(value: number): void {
    this.suspend.statusRead(value);
    this.resetPending = false;
    this.statusRead = true;
  }

  /** Anything but 0 to the status is written. */
  writes(): void {
    this.on.written.tell(this);
    this.resetPending = this.firstWrite = false;
  }

  /** A status other than 0 is being written. */
  statusWritten(value: number): void {
    this.suspend.statusWritten(value);
    const set = value & ~this.status;
    if (set & FEATURES_OK) {
      this.closed = true;
      this.refused = this.statusRead = false;
      this.closedAt = this.journal.mark;
    }
    if (set & DRIVER_OK) {
      this.step = 'live';
      this.together = (set & FEATURES_OK) !== 0;
      this.on.onward.tell(this);
    }
    if (set & FEATURES_OK) {
      this.on.agreed.tell(this);
      this.init.agreed();
    }
  }

  /** The status after a write of it; the device took `dropped` back. */
  statusChanged(status: number, dropped: number): void {
    this.status = status;
    if ((dropped & FEATURES_OK) !== 0) this.refused = true;
  }

  /** The device has not agreed to features yet. */
  get open(): boolean {
    return (this.status & FEATURES_OK) === 0;
  }

  /** @param word which 32 features. */
  readOffer(word: number): void {
    this.offersRead.add(word);
  }

  /**
   * False if it has: features that come later are not looked at any closer.
   *
   * @param word which 32 features.
   */
  featuresWritten(word: number, value: number): boolean {
    this.word = word;
    this.features = value;
    this.on.features.tell(this);
    return this.open;
  }

  queueEnabled(queue: number): void {
    this.step = 'enabled';
    this.together = false;
    this.queue = queue;
    this.on.onward.tell(this);
  }

  configWritten(): void {
    this.suspend.configWritten();
    this.step = 'configured';
    this.together = false;
    this.on.config.tell(this);
  }
}
