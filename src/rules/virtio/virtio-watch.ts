import type { BitSet } from '../../core/bit-set.ts';
import type { Journal } from '../../core/journal.ts';
import type { VirtioEvents } from '../../virtio/events.ts';
import type { QueueEvents } from '../../virtio/queue/events.ts';
import { DEVICE_STATUS } from '../../virtio/registers.ts';
import type { VirtioFacts } from './facts.ts';
import { OutcomeWatch } from './init/outcome.ts';
import { QueueWatch } from './queue/queue-watch.ts';
import { StoredQueueWatch } from './queue/stored-queue-watch.ts';
import type { TakenChain } from './queue/taken-chain.ts';
import type { DeviceStores } from './stores/device-stores.ts';
import { RegisterWatch } from './transport/register-watch.ts';

const { DRIVER_OK, FAILED } = DEVICE_STATUS.mask;

/**
 * Watches a driver of one virtio device: the part that all device types have in common.
 *
 * @example
 * const watch = new VirtioWatch(facts, journal);
 * watch.seeStores(new DeviceStores(facts, stores));      // where stores are seen
 * device.watchedBy(watch);
 */
export class VirtioWatch extends RegisterWatch implements VirtioEvents {
  protected readonly lastTaken: TakenChain = { indirect: false };
  protected readonly queues: readonly QueueWatch[];
  private told: readonly QueueEvents[];
  /** What the driver stores to the rings; null where stores are not seen. */
  protected stores: DeviceStores | null = null;
  private readonly outcome: OutcomeWatch;

  constructor(facts: VirtioFacts, journal: Journal) {
    super(facts, journal);
    this.queues = facts.queueSizes.map(
      (_, index) => new QueueWatch(() => facts.queueName(index), journal, facts.memory, this.lastTaken),
    );
    for (const [index, queue] of this.queues.entries())
      facts.pictures?.show(index, (chain) => queue.pictureOf(chain));
    this.modernInit.suspend.availability = (queue) => this.queues[queue]!.availability;
    this.told = this.queues;
    for (const { announce } of this.queues) announce.decoys = facts.kickDecoys === true;
    this.outcome = new OutcomeWatch(facts, journal, this.init);
    journal.atEnd((waiting) => {
      this.outcome.ended(waiting);
      if (this.isLive) this.ended();
    });
  }

  /** The device serves its queues. */
  protected get isLive(): boolean {
    return !this.outcome.broken && (this.init.before & (DRIVER_OK | FAILED)) === DRIVER_OK;
  }

  /** Each queue has a watch of its own, which is called directly for every chain. */
  get rings(): readonly QueueEvents[] {
    return this.told;
  }

  /** Must be called before `watchedBy`. */
  seeStores(stores: DeviceStores): void {
    this.stores = stores;
    stores.isServed = (queue) => this.vectors.serves(queue);
    this.told = this.queues.map((queue) => new StoredQueueWatch(queue, stores));
  }

  /** Chains that the driver has made available in a queue, and the device has not taken. */
  protected waitingIn(queue: number): number {
    return this.queues[queue]?.waiting ?? 0;
  }

  override kicked(queue: number, open: boolean): void {
    this.queues[queue]?.announce.kicked();
    this.outcome.kicked();
    super.kicked(queue, open);
    this.stores?.kicked(queue);
  }

  brokeDown(): void {
    this.outcome.brokeDown();
  }

  vectorRefused(): void {
    this.outcome.refuses('a vector');
  }

  /** The run is over, and the driver has the device in use. */
  protected ended(): void {
    for (const { announce } of this.queues) announce.ended();
  }

  override power(): void {
    this.outcome.forget();
    super.power();
    this.stores?.reset();
  }

  override reset(): void {
    this.outcome.reset();
    super.reset();
    this.stores?.reset();
  }

  override statusChanged(status: number, dropped: number): void {
    super.statusChanged(status, dropped);
    if (dropped !== 0) this.outcome.refuses('FEATURES_OK');
    this.stores?.status(status);
  }

  override negotiated(accepted: BitSet, legacyInUse: boolean): void {
    super.negotiated(accepted, legacyInUse);
    for (const queue of this.queues) queue.negotiated(accepted, legacyInUse);
    this.stores?.negotiated(accepted, legacyInUse);
  }
}
