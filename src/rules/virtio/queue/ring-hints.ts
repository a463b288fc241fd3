import { hex } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import {
  PVIRTQ_DESC_F,
  PVIRTQ_EVENT,
  PVIRTQ_EVENT_WRAP,
  pvirtq_desc,
  pvirtq_event_suppress,
  VIRTQ_DESC_F,
  VIRTQ_USED_F_NO_NOTIFY,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import { RingRam } from '../stores/ring-ram.ts';

const { idx: IDX } = virtq_avail.offset;
const { flags: EVENT_FLAGS } = pvirtq_event_suppress.offset;
const { flags: DESC_FLAGS } = pvirtq_desc.offset;
const { AVAIL, USED } = PVIRTQ_DESC_F;

/** The fields of a ring by which a driver and its device agree on kicks. */
export class RingHints extends RingRam {
  readonly place: RingPlace;

  constructor(memory: GuestMemory, place: RingPlace) {
    super(memory, place.endian === 'le');
    this.place = place;
  }

  get idx(): number {
    return this.u16(this.place.driver + IDX);
  }

  get availEvent(): number {
    const { device, size } = this.place;
    return this.u16(device + virtq_used.size + size * virtq_used_elem.size);
  }

  /** With EVENT_IDX: why nothing that the device has used interrupts, in words; null if something does. */
  get eventAhead(): string | null {
    const isAhead = this.place.packed
      ? this.u16(this.place.driver + EVENT_FLAGS) === PVIRTQ_EVENT.DESC && !this.isUsed(this.packedEvent)
      : ((this.usedEvent - this.usedIdx) & 0xffff) < this.place.size;
    return isAhead ? this.eventText : null;
  }

  /** The same of a driver whose used_event lies behind what was used; in a packed ring there is nothing like it. */
  get eventBehind(): string | null {
    return this.place.packed ? null : this.eventText;
  }

  /** Where the driver wants its next interrupt, in words; in a split ring also where the device is. */
  private get eventText(): string {
    if (!this.place.packed) return `used_event is ${this.usedEvent}, and used.idx ${this.usedIdx}`;
    const at = this.packedEvent;
    return `its event structure names descriptor ${at & ~PVIRTQ_EVENT_WRAP} with a wrap counter of ${at >> 15}, which is not used yet`;
  }

  /** Where the driver finds what was used, in words. */
  get usedText(): string {
    return `used.idx at ${hex(this.place.device + virtq_used.offset.idx, 8)} is ${this.usedIdx}`;
  }

  get usedIdx(): number {
    return this.u16(this.place.device + virtq_used.offset.idx);
  }

  private get usedEvent(): number {
    const { driver, size } = this.place;
    return this.u16(driver + virtq_avail.size + 2 * size);
  }

  /** off_wrap of the driver's event structure. */
  private get packedEvent(): number {
    return this.u16(this.place.driver);
  }

  /** Of the split ring's last `waiting` chains, the first begins with a buffer for the device to read. */
  isReadable(waiting: number): boolean {
    const { desc, driver, size, packed } = this.place;
    if (packed || waiting === 0) return false;
    const head = this.u16(driver + virtq_avail.size + 2 * ((this.idx - waiting) & (size - 1)));
    const flags = this.u16(desc + virtq_desc.size * head + virtq_desc.offset.flags);
    return (flags & (VIRTQ_DESC_F.WRITE | VIRTQ_DESC_F.INDIRECT)) === 0;
  }

  /** The device's flags ask for no kick at all. */
  get isHushed(): boolean {
    const { packed, device } = this.place;
    if (packed) return this.u16(device + EVENT_FLAGS) === PVIRTQ_EVENT.DISABLE;
    return this.u16(device) === VIRTQ_USED_F_NO_NOTIFY;
  }

  /** Whether the driver made a packed descriptor available. `at` is its slot, with the wrap counter in bit 15. */
  isPast(at: number): boolean {
    return this.marksOf(at) === ((at & PVIRTQ_EVENT_WRAP) !== 0 ? AVAIL : USED);
  }

  /** Whether the device used it, in that lap. */
  private isUsed(at: number): boolean {
    return this.marksOf(at) === ((at & PVIRTQ_EVENT_WRAP) !== 0 ? AVAIL | USED : 0);
  }

  private marksOf(at: number): number {
    const slot = at & ~PVIRTQ_EVENT_WRAP;
    return this.u16(this.place.desc + slot * pvirtq_desc.size + DESC_FLAGS) & (AVAIL | USED);
  }
}

/** Whether the index `event` was passed on the way from `before` to `now`. */
export function passes(event: number, before: number, now: number): boolean {
  return ((now - event - 1) & 0xffff) < ((now - before) & 0xffff);
}
