import type { Chain, QueueEvents, RingFault, RingPlace } from '../../../virtio/queue/events.ts';
import type { DeviceStores } from '../stores/device-stores.ts';
import type { QueueWatch } from './queue-watch.ts';

/** Watches a driver at one queue, where what it stores to the ring is seen, too. */
export class StoredQueueWatch implements QueueEvents {
  private readonly watch: QueueWatch;
  private readonly stores: DeviceStores;

  constructor(watch: QueueWatch, stores: DeviceStores) {
    this.watch = watch;
    this.stores = stores;
  }

  placed(queue: number, place: RingPlace): void {
    this.watch.placed(queue, place);
    this.stores.placed(queue, place);
  }

  taken(queue: number, chain: Chain, indirect: boolean): void {
    this.watch.taken(queue, chain, indirect);
    this.stores.taken(queue, chain.id);
  }

  putBack(queue: number, count: number): void {
    this.watch.putBack(queue, count);
    this.stores.putBack(queue, count);
  }

  used(queue: number, id: number): void {
    this.watch.used();
    this.stores.used(queue, id);
  }

  published(queue: number): void {
    this.watch.published();
    this.stores.published(queue);
  }

  dry(queue: number, flags: number, at: number): void {
    this.watch.dry(queue, flags, at);
  }

  fault(queue: number, fault: RingFault, slot: number, value: number, other: number): void {
    this.watch.fault(queue, fault, slot, value, other);
  }

  forgotten(queue: number): void {
    this.watch.forgotten();
    this.stores.forgotten(queue);
  }
}
