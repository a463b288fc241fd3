import type { Nanos, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, VirtioEvents } from '../../../virtio/events.ts';
import * as legacy from '../../../virtio/registers.ts';
import * as modern from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { isStatus } from '../init/status.ts';
import type { QueueSetupWatch } from './queue-setup-watch.ts';

const { NO_VECTOR, QUEUE_MSIX_VECTOR } = legacy;
const { DRIVER_OK } = legacy.DEVICE_STATUS.mask;
const { CONFIG } = legacy.ISR_STATUS.mask;
const NO_QUEUE = -1;
const { queue_msix_vector } = modern;
/** The vector registers. */
const VECTOR: readonly Register[] = [
  legacy.CONFIG_MSIX_VECTOR,
  QUEUE_MSIX_VECTOR,
  modern.config_msix_vector,
  queue_msix_vector,
];

const VECTORS = 'virtio 1.4, MSI-X Vector Configuration';

/** Rules of vectors and of ISR. */
export const VECTOR_RULES = {
  'virtio/MSIX-D2': {
    where: VECTORS,
    text: 'A driver MUST NOT use a vector number outside the MSI-X table.',
    advice: 'Use vectors below the table size, or ffff for none.',
    on: 'mapped',
    kept: (k) => k.vector === NO_VECTOR || k.vector < k.vectors,
    said: (k) => `vector ${k.vector} was asked for, but the MSI-X table has ${k.vectors} entries`,
  },
  'virtio/MSIX-D3': {
    where: VECTORS,
    text: 'A driver MUST read a vector register back after writing it.',
    advice: 'Read the vector register back: ffff says that the device could not allocate the vector.',
    on: 'left',
    when: (k) => k.msix && k.mapped !== null,
    kept: (k) => !k.unread,
    said: (k) => `${k.mapped!.name} was written and not read back`,
    since: (k) => k.mappedAt,
  },
  'virtio/MSIX-IMP-1': {
    where: VECTORS,
    text: 'Set the vector of each queue before DRIVER_OK.',
    advice:
      'Write queue_msix_vector where you set the queue up: what the device uses before it has a vector raises no interrupt.',
    on: 'mapped',
    when: (k) => k.vector !== NO_VECTOR && k.queue >= 0,
    kept: (k) => !k.late,
    said: (k) => `${k.queueName} got vector ${k.vector} while DRIVER_OK was set, and had none before`,
  },
  'virtio/PCI-ISR-D1': {
    where: 'virtio 1.4, ISR status capability',
    text: 'A driver SHOULD NOT read ISR status on a queue interrupt while MSI-X is enabled.',
    advice: 'With MSI-X, use the vector to learn what happened; ISR says nothing then.',
    on: ['interrupted', 'isr'],
    when: (k) => k.msix,
    kept: (k) => !k.isrRead,
    said: () => 'ISR was read while MSI-X was enabled, and shows no change of the configuration',
  },
} as const satisfies Rules<VectorWatch>;

/** Watches how a driver sets up and takes interrupts. */
export class VectorWatch implements Partial<VirtioEvents> {
  /** MSI-X is enabled. */
  msix = false;
  vector = 0;
  /** The vector register that was written last, and whether it was not read back. */
  mapped: Register | null = null;
  unread = false;
  mappedAt = 0;
  /** The queue whose vector was written, -1 for none; the device might already have used what is in it. */
  queue = NO_QUEUE;
  late = false;
  /** DRIVER_OK is set. */
  private isReady = false;
  /** ISR is read now, for a queue. */
  isrRead = false;
  /** Queues that have a vector. */
  readonly listened = new Set<number>();
  /** ISR was read while there was a line, since the reset. */
  private lineRead = false;
  private messages = 0;
  private last: Nanos = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly setup: QueueSetupWatch;
  /** `mapped`: a vector register is written; `left`: the driver goes on to another queue or status. */
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, setup: QueueSetupWatch) {
    this.facts = facts;
    this.journal = journal;
    this.setup = setup;
    this.on = new Watch(journal, VECTOR_RULES).on;
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.facts.subject();
  }

  get queueName(): string {
    return this.facts.role(this.queue);
  }

  /** Entries of its table. */
  get vectors(): number {
    return this.facts.vectors;
  }

  reset(powered: boolean): void {
    if (powered) this.msixSwitched(false);
    this.forget();
    this.listened.clear();
    this.isReady = this.lineRead = false;
  }

  msixSwitched(msix: boolean): void {
    this.settle();
    this.msix = msix;
  }

  read(_by: Interface, register: Register | null): void {
    if (register === null) return;
    if (VECTOR.includes(register)) this.unread = false;
    else if (register === legacy.ISR_STATUS || register === modern.isr_status) this.lineRead ||= !this.msix;
  }

  /** Linux and Windows read it to flush, when they set queues up and when they delete them behind a reset. */
  isrTaken(value: number): void {
    if (!this.msix || !this.isReady || (value & CONFIG) !== 0) return;
    this.isrRead = true;
    this.on.isr.tell(this);
  }

  written(_by: Interface, register: Register | null, _offset: number, _width: Width, value: number): void {
    if (register === null) return;
    if (isStatus(register)) {
      this.isReady = (value & DRIVER_OK) !== 0;
      if (value !== 0) this.left();
    } else if (register === legacy.QUEUE_SELECT || register === modern.queue_select) this.left();
    else if (register === modern.queue_reset) {
      if (this.setup.again) this.listened.delete(this.setup.queue);
    } else if (VECTOR.includes(register) && (register !== queue_msix_vector || this.setup.exists))
      this.vectorWritten(register, value);
  }

  private forget(): void {
    this.mapped = null;
    this.unread = false;
  }

  private vectorWritten(register: Register, value: number): void {
    const ofQueue = register === QUEUE_MSIX_VECTOR || register === queue_msix_vector;
    this.queue = ofQueue ? this.setup.queue : NO_QUEUE;
    this.late = this.isReady && ofQueue && this.setup.hasBegun(this.queue) && !this.listened.has(this.queue);
    if (ofQueue) this.listens(this.queue, value);
    // To unmap cannot fail.
    this.mapped = value === NO_VECTOR ? null : register;
    this.unread = true;
    this.mappedAt = this.journal.mark;
    this.vector = value;
    this.on.mapped.tell(this);
  }

  private listens(queue: number, vector: number): void {
    if (vector === NO_VECTOR) this.listened.delete(queue);
    else this.listened.add(queue);
  }

  /** The driver goes on to another queue or status. */
  private left(): void {
    this.on.left.tell(this);
    this.forget();
  }

  /** Interrupts by message are counted; there is no rule on those by INTx. */
  interrupted(): void {
    if (!this.msix) return;
    this.messages++;
    this.last = this.journal.now;
  }

  private settle(): void {
    if (this.messages === 0) return;
    this.isrRead = false;
    this.on.interrupted.repeat(this, this.messages, this.last);
    this.messages = 0;
  }

  /** Why no interrupt tells of what the driver has not seen in the queue, in words; null if there is none, or one does. */
  heldBack(queue: number): string | null {
    const { stores, heldBack, lineHeldBack, takesInterrupts } = this.facts;
    if (!stores?.hasUnseen(queue)) return null;
    const [asks, serves] = [stores.asks(queue), this.serves(queue)];
    if (serves && !asks) return 'the driver asks for none in its ring';
    // One that polls may leave the controllers as they are.
    const takes = asks && (serves || takesInterrupts?.() === true);
    return heldBack?.(queue) ?? (takes && !this.msix ? (lineHeldBack?.() ?? null) : null);
  }

  /** No interrupt of the function has reached the driver: no queue has a vector, or ISR was never read. */
  get isDeaf(): boolean {
    return this.msix ? this.listened.size === 0 : !this.lineRead;
  }

  /** The driver has interrupts of the queue come, by message or by line. */
  serves(queue: number): boolean {
    return this.msix ? this.listened.has(queue) : this.lineRead;
  }
}
