import { BitSet } from '../../core/bit-set.ts';
import type { Journal } from '../../core/journal.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Interface, VirtioEvents } from '../../virtio/events.ts';
import type { Chain, RingFault, RingPlace } from '../../virtio/queue/events.ts';
import { QueueWatch } from './queue/queue-watch.ts';
import type { DeviceStores } from './stores/device-stores.ts';

/** What stands fixed about a device, and how it is called. */
export interface VirtioFacts {
  /** `net0` */
  readonly name: string;
  readonly virtioId: number;
  /** `net0 (00:04.0)`; asked for when something is reported. */
  readonly subject: () => string;
  /** `net0, transmit queue 1` */
  readonly queueName: (index: number) => string;
  /** Which interfaces the function shows; the first is in use until the driver chooses. */
  readonly interfaces: readonly Interface[];
  /** What each interface offers. */
  readonly offers: Readonly<Record<Interface, BitSet>>;
  /** The most entries of each queue; 0 where there is none. */
  readonly queueSizes: readonly number[];
  /** Where rings lie, so that findings can show them. */
  readonly memory?: GuestMemory;
}

/**
 * Watches a driver of one virtio device: the part that all device types have in common.
 *
 * @example
 * device.watch(new VirtioWatch(facts, journal));
 */
export class VirtioWatch implements VirtioEvents {
  readonly facts: VirtioFacts;
  readonly accepted = new BitSet();
  legacy: boolean;
  /** What the driver stores to the rings; null where nobody sees stores. */
  stores: DeviceStores | null = null;
  private readonly rings: readonly QueueWatch[];

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.rings = facts.queueSizes.map(
      (_, index) => new QueueWatch(() => facts.queueName(index), journal, facts.memory),
    );
    this.legacy = facts.interfaces[0] === 'legacy';
  }

  power(): void {
    this.stores?.reset();
  }

  reset(): void {
    this.stores?.reset();
  }

  statusChanged(status: number, _dropped: number): void {
    this.stores?.status(status);
  }

  negotiated(accepted: BitSet, legacy: boolean): void {
    this.accepted.words.set(accepted.words);
    this.legacy = legacy;
    for (const ring of this.rings) ring.negotiated(accepted);
    this.stores?.negotiated(accepted, legacy);
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
