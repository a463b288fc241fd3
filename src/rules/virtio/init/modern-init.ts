import type { BitSet } from '../../../core/bit-set.ts';
import { hex } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { type FeatureKnows, MODERN_FEATURES } from './features.ts';
import type { InitWatch } from './init-watch.ts';
import { SuspendWatch } from './suspend.ts';

const { DRIVER_OK, FEATURES_OK } = DEVICE_STATUS.mask;

const INITIALIZATION = 'virtio 1.4, Device Initialization';

/** Rules of the steps that only the modern interface has; each is reported once until the next reset. */
export const MODERN_INIT = {
  'virtio/INIT-D5': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 5: set FEATURES_OK once the subset is written',
    advice: 'Set FEATURES_OK (8) after the last write of features, before any queue is set up.',
    on: 'onward',
    kept: (k) => k.closed,
    said: (k) => `${k.what} while status was ${hex(k.status, 2)}, without FEATURES_OK`,
    since: (k) => k.resetAt,
    once: true,
  },
  'virtio/INIT-D6': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 6: re-read status to see that FEATURES_OK stuck',
    advice: 'Read the status after setting FEATURES_OK: a device that refuses the features drops the bit.',
    on: ['onward', 'config'],
    when: (k) => k.closed,
    kept: (k) => k.statusRead,
    said: (k) =>
      k.together
        ? `${k.what} in the same write as FEATURES_OK: the status was not read between`
        : `${k.what} before the status was read again after FEATURES_OK was set`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/INIT-D9': {
    strength: 'MUST NOT',
    where: INITIALIZATION,
    text: 'No write to device-specific config during feature negotiation',
    advice: 'Move the write behind FEATURES_OK.',
    on: 'config',
    kept: (k) => k.closed,
    said: () => 'the device configuration was written before FEATURES_OK was set',
    since: (k) => k.resetAt,
    follows: ['virtio/INIT-D5'],
    apart: (k) => !k.featuresDone,
    once: true,
  },
  'virtio/FEAT-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Feature Bits',
    text: 'Validate the offered set before using it: no 32 features are accepted whose offer was not read',
    advice:
      'Read device_feature with select 0 and 1, and accept nothing that is not there: not even VERSION_1.',
    on: 'features',
    when: (k) => k.features !== 0,
    kept: (k) => k.offerRead,
    said: (k) =>
      `driver_feature was written ${hex(k.features, 8)} with select ${k.word}, whose device_feature was not read`,
    since: (k) => k.resetAt,
    once: true,
  },
  'virtio/INIT-D10': {
    strength: 'MUST NOT',
    where: INITIALIZATION,
    text: 'No new feature bits after FEATURES_OK',
    advice: 'Reset the device to negotiate anew.',
    on: 'features',
    kept: (k) => (k.status & FEATURES_OK) === 0,
    said: (k) => `driver_feature was written while status was ${hex(k.status, 2)}`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/INIT-D12': {
    strength: 'MUST NOT',
    where: INITIALIZATION,
    text: 'Do not carry on initialising after the device refused FEATURES_OK',
    advice: 'Set FAILED, or reset and ask for less.',
    on: 'onward',
    when: (k) => k.closed,
    kept: (k) => !k.refused,
    said: (k) => `${k.what} though the device had refused FEATURES_OK`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/PCI-COMMON-D5': {
    strength: 'MUST',
    where: 'virtio 1.4, Common configuration structure layout',
    text: 'After writing status 0 wait for a 0 read before re-init',
    advice: 'Read device_status until it is 0.',
    on: 'written',
    when: (k) => k.firstWrite,
    kept: (k) => !k.resetPending,
    said: () => 'a register was written before device_status read 0 after a reset',
    since: (k) => k.resetAt,
    once: true,
  },
} as const satisfies Rules<ModernInitWatch>;

/** Watches the steps of initialisation that only the modern interface has. */
export class ModernInitWatch implements FeatureKnows {
  /** The device's own status. */
  status = 0;
  /** A reset was asked for, and the status not read as 0 since. */
  resetPending = false;
  /** Nothing was written since then. */
  firstWrite = false;
  /** The driver set FEATURES_OK, and has read the status since. */
  closed = false;
  statusRead = false;
  /** The device took FEATURES_OK back, and the driver has not set it again. */
  refused = false;
  /** DRIVER_OK was written together with FEATURES_OK. */
  together = false;
  /** Which 32 features are written, and with what. */
  word = 0;
  features = 0;
  resetAt = 0;
  closedAt = 0;
  private step: 'live' | 'enabled' | 'configured' = 'live';
  private queue = 0;
  /** Which offers of 32 features were read since power came on. After a resume they need not be read again. */
  private readonly offersRead = new Set<number>();
  readonly suspend: SuspendWatch;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly watch;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, init: InitWatch) {
    this.facts = facts;
    this.suspend = new SuspendWatch(facts, journal);
    this.journal = journal;
    this.init = init;
    this.watch = new Watch(journal, MODERN_INIT);
    this.on = { ...this.watch.on, ...new Watch(journal, MODERN_FEATURES).on };
  }

  get subject(): string {
    return this.facts.subject();
  }

  /** `queue 1 was enabled`, `DRIVER_OK was set`, `the device configuration was written`. */
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

  /** Features were written: FEATURES_OK was due. */
  get featuresDone(): boolean {
    return this.init.featuresWritten;
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

  /** A register is written, other than a reset. */
  writes(): void {
    this.on.written.tell(this);
    this.resetPending = this.firstWrite = false;
  }

  /** A status other than 0 is being written. */
  statusWritten(value: number): void {
    this.suspend.statusWritten(value);
    const set = value & ~this.status;
    // With DRIVER_OK it is no new request: the driver goes on in spite of the refusal that it read.
    const ignored = this.refused && this.statusRead && (set & DRIVER_OK) !== 0;
    if (set & FEATURES_OK && !ignored) {
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
   * @returns false if the device agreed to features already: a later write is not checked any further.
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
