import type { BitSet } from '../../../core/bit-set.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { VirtioEvents } from '../../../virtio/events.ts';
import type { Chain, QueueEvents, RingPlace } from '../../../virtio/queue/events.ts';
import { DEVICE_STATUS, FEATURE } from '../../../virtio/registers.ts';
import type { Allocations } from '../../memory/allocations.ts';
import { PackedStores } from './packed-stores.ts';
import type { RingStores } from './ring-stores.ts';
import { SplitStores } from './split-stores.ts';
import type { StoreWatch } from './store-watch.ts';

const { DRIVER_OK } = DEVICE_STATUS.mask;

/** Names of a device and its queues. */
interface DeviceNames {
  /** `net0` */
  readonly name: string;
  /** `net0, transmit queue 1 (queue 1)` */
  readonly queueName: (index: number) => string;
}

/**
 * The rings of one device, as the driver's stores make them. The device reports where they are, and what it takes.
 *
 * @example
 * const rings = new DeviceStores(names, stores);
 * rings.negotiated(accepted, false);
 * rings.placed(0, place);
 * rings.statusChanged(DRIVER_OK);
 */
export class DeviceStores implements Partial<VirtioEvents>, Partial<QueueEvents> {
  private readonly names: DeviceNames;
  private readonly stores: StoreWatch;
  private readonly byQueue: (RingStores | undefined)[] = [];
  /** Looks into rings that are gone. */
  private past = 0;
  private inOrder = false;
  private eventIdx = false;
  /** Whether the driver has interrupts of a queue served. */
  isServed: (queue: number) => boolean = () => true;
  private legacy = true;
  private live = false;

  constructor(names: DeviceNames, stores: StoreWatch) {
    this.names = names;
    this.stores = stores;
    stores.parts.journal.atEnd(() => {
      for (const ring of this.byQueue) ring?.ended();
    });
  }

  negotiated(accepted: BitSet, legacy: boolean): void {
    this.inOrder = accepted.has(FEATURE.IN_ORDER);
    this.eventIdx = accepted.has(FEATURE.EVENT_IDX);
    this.legacy = legacy;
  }

  statusChanged(status: number): void {
    this.live = (status & DRIVER_OK) !== 0;
    if (this.live) for (const ring of this.byQueue) ring?.start();
  }

  placed(queue: number, place: RingPlace): void {
    this.forgotten(queue);
    const { names, stores, inOrder, eventIdx, legacy } = this;
    const manners = {
      name: names.queueName(queue),
      subject: () => names.queueName(queue),
      inOrder,
      eventIdx,
      isServed: () => this.isServed(queue),
      legacy,
    };
    const Ring = place.packed ? PackedStores : SplitStores;
    const ring = new Ring(stores.parts, place, manners);
    this.byQueue[queue] = ring;
    stores.watch(ring);
    if (this.live) ring.start();
  }

  /** What drivers have of memory. */
  get allocations(): Allocations {
    return this.stores.allocations;
  }

  /** The device has used something in the queue that the driver has not seen. */
  hasUnseen(queue: number): boolean {
    return this.byQueue[queue]?.hasUnseen ?? false;
  }

  /** The driver asks for an interrupt at what is used next. */
  asks(queue: number): boolean {
    return this.byQueue[queue]?.asks ?? true;
  }

  /** Loads are seen: whether the driver looked into a ring is known. */
  get seesLoads(): boolean {
    return this.stores.parts.shadows === null;
  }

  /** How often the driver has looked into a used ring, and the last interrupt handler in which it did. */
  get looks(): number {
    return this.past + this.byQueue.reduce((sum, ring) => sum + (ring?.looks ?? 0), 0);
  }

  get lookedIn(): number {
    return this.byQueue.reduce((last, ring) => Math.max(last, ring?.lookedIn ?? 0), 0);
  }

  /** Used buffers that the driver found in the queue long ago and has not taken; 0 if it asks for no interrupts. */
  leftIn(queue: number): number {
    const ring = this.byQueue[queue];
    return ring?.asks && this.isServed(queue) ? ring.leftLong : 0;
  }

  taken(queue: number, { id }: Pick<Chain, 'id'>): void {
    this.byQueue[queue]?.taken(id);
  }

  /** The device is about to put a chain into the used ring. */
  used(queue: number, id: number): void {
    if (this.stores.parts.shadows !== null) this.byQueue[queue]?.finishes(id);
  }

  /** Used chains are noted at once: a driver of a packed ring may overwrite a used descriptor once it has seen it. */
  published(queue: number): void {
    this.byQueue[queue]?.sync();
  }

  /** A queue was kicked: checks whether the driver left alone what it lent before. */
  kicked(queue: number): void {
    this.byQueue[queue]?.kicked();
    this.stores.look(false);
  }

  /** The driver gave memory away through the device, as to a balloon. */
  givenAway(address: Gpa, length: number): void {
    this.stores.released(address, length);
  }

  putBack(queue: number, count: number): void {
    this.byQueue[queue]?.putBack(count);
  }

  forgotten(queue: number): void {
    const ring = this.byQueue[queue];
    if (ring === undefined) return;
    this.stores.leave(ring);
    this.past += ring.looks;
    this.byQueue[queue] = undefined;
  }

  reset(): void {
    this.live = false;
    for (const queue of this.byQueue.keys()) this.forgotten(queue);
  }
}
