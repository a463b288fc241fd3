import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { VirtioEvents } from '../../../virtio/events.ts';
import type { Chain, QueueEvents, RingPlace } from '../../../virtio/queue/events.ts';
import {
  FEATURE,
  pvirtq_desc,
  pvirtq_event_suppress,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import { type Allocations, LentWatch } from '../../memory/allocations.ts';

const HALF = 2;

/** Watches whether rings and buffers of a device are as long as the memory that its driver allocated. */
export class LentQueues implements Partial<VirtioEvents>, Partial<QueueEvents> {
  private readonly lent: LentWatch;
  private queue = 0;
  private legacy = true;
  /** Bytes behind the entries of a ring, of which a driver without EVENT_IDX has no use. */
  private eventBytes = 0;

  constructor(
    { queueName }: { readonly queueName: (index: number) => string },
    allocations: Allocations,
    journal: Journal,
  ) {
    this.lent = new LentWatch(allocations, journal, () => queueName(this.queue));
  }

  negotiated(accepted: BitSet, legacy: boolean): void {
    this.legacy = legacy;
    this.eventBytes = accepted.has(FEATURE.EVENT_IDX) ? HALF : 0;
  }

  placed(queue: number, { packed, size, desc, driver, device }: RingPlace): void {
    const { lent, eventBytes } = this;
    const used = virtq_used.size + virtq_used_elem.size * size + eventBytes;
    this.queue = queue;
    if (packed) {
      lent.ring(desc, pvirtq_desc.size * size);
      lent.buffer(driver, pvirtq_event_suppress.size);
      lent.buffer(device, pvirtq_event_suppress.size);
    } else if (this.legacy) lent.ring(desc, device + used - desc);
    else {
      lent.ring(desc, virtq_desc.size * size);
      lent.buffer(driver, virtq_avail.size + HALF * size + eventBytes);
      lent.buffer(device, used);
    }
  }

  taken(queue: number, chain: Chain): void {
    this.queue = queue;
    for (let i = 0; i < chain.count; i++) this.lent.buffer(chain.addressOf(i), chain.lengthOf(i));
  }
}
