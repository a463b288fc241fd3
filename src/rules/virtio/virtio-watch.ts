import type { BitSet } from '../../core/bit-set.ts';
import type { Journal } from '../../core/journal.ts';
import type { VirtioEvents } from '../../virtio/events.ts';
import type { Chain, RingFault, RingPlace } from '../../virtio/queue/events.ts';
import type { VirtioFacts } from './facts.ts';
import { QueueWatch } from './queue/queue-watch.ts';
import { RegisterWatch } from './transport/register-watch.ts';

/**
 * Watches a driver of one virtio device: the part that all device types have in common.
 *
 * @example
 * device.watchedBy(new VirtioWatch(facts, journal));
 */
export class VirtioWatch extends RegisterWatch implements VirtioEvents {
  private readonly rings: readonly QueueWatch[];

  constructor(facts: VirtioFacts, journal: Journal) {
    super(facts, journal);
    this.rings = facts.queueSizes.map(
      (_, index) => new QueueWatch(() => facts.queueName(index), journal, facts.memory),
    );
  }

  override negotiated(accepted: BitSet, legacyInUse: boolean): void {
    super.negotiated(accepted, legacyInUse);
    for (const ring of this.rings) ring.negotiated(accepted);
  }

  placed(queue: number, place: RingPlace): void {
    this.rings[queue]!.placed(queue, place);
  }

  taken(queue: number, chain: Chain, indirect: boolean): void {
    this.rings[queue]!.taken(queue, chain, indirect);
  }

  putBack(queue: number, count: number): void {
    this.rings[queue]!.putBack(queue, count);
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
  }
}
