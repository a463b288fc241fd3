import type { BitSet } from '../../../core/bit-set.ts';
import type { Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { Interface, Oddity, RegisterEvents, WindowFault } from '../../../virtio/events.ts';
import * as legacy from '../../../virtio/registers.ts';
import * as modern from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { InitWatch } from '../init/init-watch.ts';
import { ModernInitWatch } from '../init/modern-init.ts';
import { InterfaceWatch } from './interfaces.ts';
import { KickPath } from './kick-path.ts';
import { LayoutWatch } from './layout.ts';
import { QueueSetupWatch } from './queue-setup-watch.ts';
import { VectorWatch } from './vectors.ts';

/** Watches a driver's accesses to the registers of a virtio function, and passes them to the watches with the rules. */
export class RegisterWatch implements RegisterEvents {
  readonly facts: VirtioFacts;
  protected readonly journal: Journal;
  readonly init: InitWatch;
  readonly modernInit: ModernInitWatch;
  readonly interfaces: InterfaceWatch;
  private readonly layout: LayoutWatch;
  readonly setup: QueueSetupWatch;
  private readonly kicks: KickPath;
  protected readonly vectors: VectorWatch;
  /** Which 32 features the modern interface's driver_feature and device_feature mean. */
  private word = 0;
  private offerWord = 0;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.init = new InitWatch(facts, journal);
    this.modernInit = new ModernInitWatch(facts, journal, this.init);
    this.interfaces = new InterfaceWatch(facts, journal);
    this.layout = new LayoutWatch(facts, journal);
    this.setup = new QueueSetupWatch(facts, journal);
    this.vectors = new VectorWatch(facts, journal);
    this.kicks = new KickPath(facts, journal, this);
  }

  get accepted(): BitSet {
    return this.init.accepted;
  }

  get legacy(): boolean {
    return this.init.legacy;
  }

  power(): void {
    this.kicks.changed();
    this.init.power();
    this.modernInit.power();
    this.interfaces.power();
    this.vectors.power();
    this.forget(false);
  }

  reset(): void {
    this.kicks.changed();
    this.init.reset();
    this.interfaces.forget();
    this.vectors.forget();
    this.forget(true);
  }

  read(by: Interface, register: Register | null, offset: number, width: Width): void {
    if (register === legacy.QUEUE_NOTIFY) this.kicks.registerRead(width);
    else this.layout.accessed(by, register, offset, width, true);
    if (by === 'modern') this.interfaces.structureRead();
    if (register === legacy.DEVICE_STATUS || register === modern.device_status) return;
    this.touched(by);
    switch (register) {
      case modern.device_feature:
        this.modernInit.readOffer(this.offerWord);
        this.init.offersRead();
        break;
      case legacy.DEVICE_FEATURES:
        this.init.offersRead();
        break;
      case legacy.CONFIG_MSIX_VECTOR:
      case legacy.QUEUE_MSIX_VECTOR:
      case modern.config_msix_vector:
      case modern.queue_msix_vector:
        this.vectors.vectorRead();
        break;
      case legacy.ISR_STATUS:
      case modern.isr_status:
        this.vectors.readIsr();
        break;
      case legacy.QUEUE_SIZE:
      case modern.queue_reset:
        this.setup.read(register);
    }
  }

  written(by: Interface, register: Register | null, offset: number, width: Width, value: number): void {
    if (register === legacy.QUEUE_NOTIFY) {
      this.kicks.registerWritten(by, width, value);
      return;
    }
    this.layout.accessed(by, register, offset, width, false);
    if (register === null) return;
    const status = register === legacy.DEVICE_STATUS || register === modern.device_status;
    if (!status || value !== 0) this.beforeWrite(by);
    this.layout.written(value);
    if (status) this.statusWritten(by, value);
    else this.registerWritten(register, value);
  }

  statusRead(value: number): void {
    this.init.statusRead(value);
    this.modernInit.readStatus(value);
  }

  statusChanged(status: number, dropped: number): void {
    this.modernInit.statusChanged(status, dropped);
    this.init.statusDropped(dropped);
  }

  configAccessed(by: Interface, offset: number, width: Width, field: number, write: boolean): void {
    if (write) this.beforeWrite(by);
    else this.touched(by);
    if (by === 'legacy') return;
    this.interfaces.structureRead();
    if (field !== 0) this.layout.configAccessed(offset, width, field);
    if (write) this.modernInit.configWritten();
  }

  notifyWritten(queue: number, offset: number, width: Width, value: number): void {
    this.kicks.notifyWritten(queue, offset, width, value);
  }

  positionTold(queue: number, position: number, right: boolean): void {
    this.kicks.positionTold(queue, position, right);
  }

  kicked(queue: number, open: boolean): void {
    this.kicks.kicked(queue, open);
  }

  negotiated(accepted: BitSet, legacyInUse: boolean): void {
    this.kicks.changed();
    this.init.accepted.words.set(accepted.words);
    this.init.legacy = legacyInUse;
    this.setup.negotiated(accepted);
    this.kicks.negotiated(accepted);
    this.modernInit.suspend.negotiated(accepted);
  }

  enabled(queue: number): void {
    this.kicks.changed();
    this.setup.enabledNow(queue);
  }

  capabilityRead(): void {
    // A read by a guest that is not judged does not count for the driver after it.
    if (this.journal.quiet) return;
    this.interfaces.capabilityRead();
    this.init.looks();
  }

  configSpaceWritten(at: number, width: Width): void {
    this.interfaces.configSpaceWritten(at, width);
  }

  windowUsed(bar: number, offset: number, length: number, fault: WindowFault | null): void {
    this.layout.throughWindow = fault === null;
    this.interfaces.windowUsed(bar, offset, length, fault);
  }

  decoyUsed(oddity: Oddity, name: string, offset: number): void {
    this.interfaces.decoyUsed(oddity, name, offset);
  }

  structureMissed(offset: number, width: Width): void {
    this.interfaces.structureMissed(offset, width);
  }

  msixSwitched(on: boolean): void {
    this.vectors.switched(on);
  }

  interrupted(): void {
    this.vectors.interrupted();
  }

  /** Any access but a read of the status or a reset. */
  private touched(by: Interface): void {
    this.init.used();
    this.interfaces.used(by);
  }

  /** On the modern interface, PCI-COMMON-D5 covers writes, as RESET-D1 does all accesses. */
  private beforeWrite(by: Interface): void {
    this.interfaces.used(by);
    if (by === 'legacy') this.init.used();
    else {
      this.modernInit.writes();
      this.init.usedElsewhere();
    }
  }

  private statusWritten(by: Interface, value: number): void {
    if (value === 0) return;
    this.kicks.changed();
    this.vectors.left();
    if (by === 'modern') this.modernInit.statusWritten(value);
    this.init.statusWritten(value, by);
  }

  private registerWritten(register: Register, value: number): void {
    switch (register) {
      case legacy.DRIVER_FEATURES:
        if (this.legacy || this.modernInit.open) this.featuresWritten('legacy', 0, value);
        break;
      case modern.driver_feature:
        if (this.modernInit.featuresWritten(this.word, value))
          this.featuresWritten('modern', this.word, value);
        break;
      case modern.driver_feature_select:
        this.word = value;
        break;
      case modern.device_feature_select:
        this.offerWord = value;
        break;
      case legacy.QUEUE_SELECT:
      case modern.queue_select:
        this.vectors.left();
        this.setup.selected(value);
        break;
      case legacy.CONFIG_MSIX_VECTOR:
      case legacy.QUEUE_MSIX_VECTOR:
      case modern.config_msix_vector:
        this.vectors.vectorWritten(register, value, this.setup.queue);
        break;
      case legacy.QUEUE_ADDRESS:
        this.kicks.changed();
        if (this.setup.addressWritten(value)) this.init.placed(this.setup.queue);
        else if (value !== 0) this.init.misplaced();
        break;
      default:
        if (modern.QUEUE_REGISTERS.includes(register)) this.queueWritten(register, value);
    }
  }

  private featuresWritten(by: Interface, word: number, value: number): void {
    this.interfaces.choose(by);
    this.init.legacy = by === 'legacy';
    this.init.featuresAccepted(word, value);
  }

  private queueWritten(register: Register, value: number): void {
    const { setup } = this;
    const { again, queue } = setup;
    this.kicks.changed();
    const enabled = register === modern.queue_enable && value === 1;
    if (enabled && setup.exists) this.modernInit.queueEnabled(queue);
    else if (enabled) this.init.misplaced();
    if (setup.written(register, value)) this.init.placed(queue, again);
    if (register === modern.queue_reset && setup.again) this.vectors.listened.delete(queue);
    if (register === modern.queue_msix_vector && setup.exists)
      this.vectors.vectorWritten(register, value, queue);
  }

  private forget(resetPending: boolean): void {
    this.vectors.reset();
    this.modernInit.forget(resetPending);
    this.setup.forget(!resetPending);
    this.word = this.offerWord = 0;
  }
}
