import type { Gpa } from '../../../core/bits.ts';
import type { Register } from '../../../core/register.ts';
import {
  pvirtq_event_suppress,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import * as reg from '../../../virtio/transport/modern/registers.ts';

const FOUR_GIB = 0x1_0000_0000;

/** The halves of the three addresses, their alignment in split rings, and the bytes of each area: a head, and per entry. */
const AREAS = [
  { low: reg.queue_desc, high: reg.queue_desc_high, align: 16, split: [0, virtq_desc.size] },
  { low: reg.queue_driver, high: reg.queue_driver_high, align: 2, split: [virtq_avail.size, 2] },
  {
    low: reg.queue_device,
    high: reg.queue_device_high,
    align: 4,
    split: [virtq_used.size, virtq_used_elem.size],
  },
] as const;
/** An event structure of a packed ring. */
const EVENT = pvirtq_event_suppress.size;

/** Where a part of a queue lies. */
export interface LaidArea {
  /** `queue_desc` */
  readonly name: string;
  readonly from: Gpa;
  readonly to: Gpa;
}

/** How far a driver has come with one queue since the last reset. */
export class SetupState {
  enabled = false;
  /** The driver set it up, whether or not the device accepted it. */
  begun = false;
  /** Since power came on: a driver may keep what it learnt of the device over a reset. */
  sizeRead = false;
  /** Where the legacy queue is, in pages; 0 is nowhere. */
  page = 0;
  again = false;
  resetUnread = false;
  resetAt = 0;
  /** Entries, if the driver asked for fewer. */
  size: number | null = null;
  private readonly written = new Map<Register, number>();
  private readonly askew = new Set<Register>();

  /** Which of the three addresses were not written. */
  get missing(): readonly string[] {
    return AREAS.filter(({ low, high }) => !this.written.has(low) && !this.written.has(high)).map(
      ({ low }) => low.name,
    );
  }

  /** Which of them do not have the alignment that a split ring needs. */
  get unaligned(): readonly string[] {
    return [...this.askew].map(({ name }) => name);
  }

  /** Where its parts lie, if all of them are known, and if it has so many entries unless the driver asked for fewer. */
  areas(most: number, packed: boolean): readonly LaidArea[] {
    if (this.missing.length > 0) return [];
    const size = this.size ?? most;
    return AREAS.map(({ low, high, split: [head, entry] }) => {
      const from = (this.written.get(high) ?? 0) * FOUR_GIB + (this.written.get(low) ?? 0);
      const isEvent = packed && low !== reg.queue_desc;
      return { name: low.name, from, to: from + (isEvent ? EVENT : head + entry * size) };
    });
  }

  addressWritten(register: Register, value: number): void {
    this.written.set(register, value);
    const area = AREAS.find(({ low }) => low === register);
    if (area !== undefined && value % area.align !== 0) this.askew.add(register);
    else this.askew.delete(register);
  }

  forget(): void {
    this.enabled = this.begun = this.again = this.resetUnread = false;
    this.page = 0;
    this.size = null;
    this.written.clear();
    this.askew.clear();
  }
}
