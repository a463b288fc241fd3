import type { BitSet } from '../../../core/bit-set.ts';
import { hex, type Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, VirtioEvents } from '../../../virtio/events.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';
import * as modern from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import type { QueueSetupWatch } from '../transport/queue-setup-watch.ts';
import { type FeatureKnows, MODERN_FEATURES } from './features.ts';
import type { InitWatch } from './init-watch.ts';
import { isReset } from './status.ts';

const { DRIVER_OK, FEATURES_OK } = DEVICE_STATUS.mask;

const INITIALIZATION = 'virtio 1.4, Device Initialization';

/** Rules of the steps that only the modern interface has; each is reported once until the next reset. */
export const MODERN_INIT = {
  'virtio/INIT-D5': {
    where: INITIALIZATION,
    text: 'A driver MUST set FEATURES_OK after writing the accepted features (step 5 of initialisation).',
    advice: 'Set FEATURES_OK (8) after the last write of features, before any queue is set up.',
    on: 'onward',
    kept: (k) => k.closed,
    said: (k) => `${k.what} while status was ${hex(k.status, 2)}, without FEATURES_OK`,
    since: (k) => k.resetAt,
    once: true,
  },
  'virtio/INIT-D6': {
    where: INITIALIZATION,
    text: 'A driver MUST re-read the status to check that FEATURES_OK is still set (step 6 of initialisation).',
    advice: 'Read the status after setting FEATURES_OK: a device that refuses the features clears the bit.',
    on: ['onward', 'config'],
    when: (k) => k.closed,
    kept: (k) => k.reread,
    said: (k) =>
      k.together
        ? `${k.what} in the same write as FEATURES_OK: the status was not read between`
        : `${k.what} before the status was read again after FEATURES_OK was set`,
    since: (k) => k.closedAt,
    once: true,
    follows: ['virtio/INIT-D5'],
    apart: (k) => !k.together,
  },
  'virtio/INIT-D9': {
    where: INITIALIZATION,
    text: 'A driver MUST NOT write to the device configuration during feature negotiation.',
    advice: 'Move the write after FEATURES_OK.',
    on: 'config',
    kept: (k) => k.closed,
    said: () => 'the device configuration was written before FEATURES_OK was set',
    since: (k) => k.resetAt,
    follows: ['virtio/INIT-D5'],
    apart: (k) => !k.featuresDone,
    once: true,
  },
  'virtio/FEAT-D3': {
    where: 'virtio 1.4, Feature Bits',
    text: 'A driver MUST read what is offered of each 32 features before accepting any of them.',
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
    where: INITIALIZATION,
    text: 'A driver MUST NOT accept new feature bits after FEATURES_OK.',
    advice: 'Reset the device to negotiate again.',
    on: 'features',
    kept: (k) => (k.status & FEATURES_OK) === 0,
    said: (k) => `driver_feature was written while status was ${hex(k.status, 2)}`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/INIT-D12': {
    where: INITIALIZATION,
    text: 'A driver MUST NOT continue initialisation after the device refused FEATURES_OK.',
    advice: 'Set FAILED, or reset and accept fewer features.',
    on: 'onward',
    when: (k) => k.closed,
    kept: (k) => !k.refused,
    said: (k) => `${k.what} though the device had refused FEATURES_OK`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/PCI-COMMON-D5': {
    where: 'virtio 1.4, Common configuration structure layout',
    text: 'A driver MUST wait until device_status reads 0 after a reset before initialising the device again.',
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
export class ModernInitWatch implements FeatureKnows, Partial<VirtioEvents> {
  /** A reset was asked for, and the status not read as 0 since. */
  resetPending = false;
  /** Nothing was written since then. */
  firstWrite = false;
  /** The driver set FEATURES_OK, and has read the status since. */
  closed = false;
  reread = false;
  /** The device took FEATURES_OK back, and the driver has not set it again. */
  refused = false;
  /** DRIVER_OK was written together with FEATURES_OK. */
  together = false;
  /** What driver_feature is written with. */
  features = 0;
  resetAt = 0;
  closedAt = 0;
  private step: 'live' | 'enabled' | 'configured' = 'live';
  private queue = 0;
  /** Which offers of 32 features were read since power came on. After a resume they need not be read again. */
  private readonly offersRead = new Set<number>();
  /** Which 32 features device_feature means. */
  private offerWord = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly setup: QueueSetupWatch;
  private readonly watch;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, init: InitWatch, setup: QueueSetupWatch) {
    this.facts = facts;
    this.journal = journal;
    this.init = init;
    this.setup = setup;
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

  /** The device's own status. */
  get status(): number {
    return this.init.status;
  }

  /** Which 32 features are written. */
  get word(): number {
    return this.init.word;
  }

  get offered(): BitSet {
    return this.facts.offers.modern;
  }

  get wanted(): BitSet {
    return this.init.wanted;
  }

  get lost(): BitSet {
    return this.init.lost;
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

  reset(powered: boolean): void {
    if (powered) this.offersRead.clear();
    this.resetPending = this.firstWrite = !powered;
    this.closed = this.refused = this.reread = false;
    this.offerWord = 0;
    this.resetAt = this.journal.mark;
    this.watch.forget();
  }

  read(_by: Interface, register: Register | null): void {
    if (register === modern.device_feature) this.offersRead.add(this.offerWord);
  }

  written(by: Interface, register: Register | null, _offset: number, _width: Width, value: number): void {
    if (by === 'legacy' || register === null || isReset(register, value)) return;
    this.writes();
    if (register === modern.device_status) this.statusWritten(value);
    else if (register === modern.device_feature_select) this.offerWord = value;
    else if (register === modern.driver_feature) {
      this.features = value;
      this.on.features.tell(this);
    } else if (register === modern.queue_enable && value === 1 && this.setup.exists) this.queueEnabled();
  }

  configAccessed(by: Interface, _offset: number, _width: Width, _field: number, write: boolean): void {
    if (by === 'legacy' || !write) return;
    this.writes();
    this.step = 'configured';
    this.together = false;
    this.on.config.tell(this);
  }

  statusRead(): void {
    this.resetPending = false;
    this.reread = true;
  }

  statusChanged(_status: number, dropped: number): void {
    if ((dropped & FEATURES_OK) !== 0) this.refused = true;
  }

  /** A register is written, other than a reset. */
  private writes(): void {
    this.on.written.tell(this);
    this.resetPending = this.firstWrite = false;
  }

  /** A status other than 0 is being written. */
  private statusWritten(value: number): void {
    const set = value & ~this.status;
    // With DRIVER_OK it is no new request: the driver goes on in spite of the refusal that it read.
    const ignored = this.refused && this.reread && (set & DRIVER_OK) !== 0;
    if (set & FEATURES_OK && !ignored) {
      this.closed = true;
      this.refused = this.reread = false;
      this.closedAt = this.journal.mark;
    }
    if (set & DRIVER_OK) {
      this.step = 'live';
      this.together = (set & FEATURES_OK) !== 0;
      this.on.onward.tell(this);
    }
    if (set & FEATURES_OK) this.on.agreed.tell(this);
  }

  private queueEnabled(): void {
    this.step = 'enabled';
    this.together = false;
    this.queue = this.setup.queue;
    this.on.onward.tell(this);
  }
}
