import type { BitSet } from '../../core/bit-set.ts';
import type { Journal } from '../../core/journal.ts';
import type { VirtioEvents } from '../../virtio/events.ts';
import type { Chain, RingFault, RingPlace } from '../../virtio/queue/events.ts';
import type { VirtioFacts } from './facts.ts';
import { QueueWatch } from './queue/queue-watch.ts';
import type { DeviceStores } from './stores/device-stores.ts';
import { RegisterWatch } from './transport/register-watch.ts';

/**
 * Watches a driver of one virtio device: the part that all device types have in common.
 *
 * @example
 * device.watchedBy(new VirtioWatch(facts, journal));
 */
export class VirtioWatch extends RegisterWatch implements VirtioEvents {
  /** What the driver stores to the rings; null where nobody sees stores. */
  stores: DeviceStores | null = null;
  private readonly rings: readonly QueueWatch[];

  constructor(facts: VirtioFacts, journal: Journal) {
    super(facts, journal);
    this.rings = facts.queueSizes.map(
      (_, index) => new QueueWatch(() => facts.queueName(index), journal, facts.memory),
    );
  }

  override power(): void {
    super.power();
    this.stores?.reset();
  }

  override reset(): void {
    super.reset();
    this.stores?.reset();
  }

  override statusChanged(status: number, dropped: number): void {
    super.statusChanged(status, dropped);
    this.stores?.status(status);
  }

  override negotiated(accepted: BitSet, legacyInUse: boolean): void {
    super.negotiated(accepted, legacyInUse);
    for (const ring of this.rings) ring.negotiated(accepted);
    this.stores?.negotiated(accepted, legacyInUse);
  }

  placed(queue: number, place: RingPlace): void {
    this.rings[queue]!.placed(queue, place);
    this.stores?.placed(queue, place);
  }

  taken(queue: number, chain: Chain, indirect: boolean): void {
    this.rings[queue]!.taken(queue, chain, indirect);
    if (this.stores !== null) this.stores.taken(queue, chain.id);
  }

  putBack(queue: number, count: number): void {
    this.rings[queue]!.putBack(queue, count);
    this.stores?.putBack(queue, count);
  }

  used(queue: number, _id: number, _written: number): void {
    this.rings[queue]!.used();
  }

  published(queue: number, _count: number): void {
    this.rings[queue]!.published();
  }

  dry(queue: number, flags: number): void {
    this.rings[queue]!.dry(queue, flags);
  }

  fault(queue: number, fault: RingFault, slot: number, value: number, other: number): void {
    this.rings[queue]!.fault(queue, fault, slot, value, other);
  }

  forgotten(queue: number): void {
    this.rings[queue]!.forgotten();
    this.stores?.forgotten(queue);
  }
}
