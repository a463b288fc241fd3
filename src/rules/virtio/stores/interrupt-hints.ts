import type { RingPlace } from '../../../virtio/queue/events.ts';
import {
  PVIRTQ_EVENT,
  pvirtq_event_suppress,
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  virtq_avail,
} from '../../../virtio/registers.ts';
import type { RingRam } from './ring-ram.ts';

/** Where in a split ring the driver says whether it wants interrupts: in flags, or with EVENT_IDX in used_event. */
export class SplitHints {
  private readonly ram: RingRam;
  private readonly place: RingPlace;
  private readonly eventIdx: boolean;
  private readonly offset: number;

  constructor(ram: RingRam, place: RingPlace, eventIdx: boolean) {
    this.ram = ram;
    this.place = place;
    this.eventIdx = eventIdx;
    this.offset = eventIdx ? virtq_avail.size + 2 * place.size : virtq_avail.offset.flags;
  }

  /** Whether it is at that offset of the driver's part. */
  isIn(offset: number): boolean {
    return offset === this.offset;
  }

  /**
   * Whether the store asks for interrupts: by flags if it clears NO_INTERRUPT, by used_event if that is one of the next
   * entries after `seen`. One that is far away is a way to ask for none.
   */
  wants(seen: number, changed: boolean): boolean {
    const value = this.ram.u16(this.place.driver + this.offset);
    if (this.eventIdx) return ((value - seen) & 0xffff) < this.place.size;
    return changed && (value & VIRTQ_AVAIL_F_NO_INTERRUPT) === 0;
  }
}

/** Whether the driver of a packed ring wants interrupts, now or at some descriptor. */
export function wantsPacked(ram: RingRam, { driver }: RingPlace): boolean {
  return ram.u16(driver + pvirtq_event_suppress.offset.flags) !== PVIRTQ_EVENT.DISABLE;
}
