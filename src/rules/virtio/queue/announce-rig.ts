import type { Journal } from '../../../core/journal.ts';
import { GuestMemory } from '../../../core/memory.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { AnnounceWatch } from './announce.ts';

export const SPLIT: RingPlace = {
  packed: false,
  endian: 'le',
  size: 8,
  desc: 0x1000,
  driver: 0x1080,
  device: 0x2000,
};
export const PACKED: RingPlace = { ...SPLIT, packed: true };
const [AVAIL, USED] = [0x80, 0x8000];

/** For proofs and tests: a driver and a device at one ring in RAM, and the watch. */
export class Pair {
  readonly subject = 'queue';
  /** The device took a chain. */
  anyTaken = false;
  readonly watch: AnnounceWatch;
  private readonly memory = GuestMemory.of(0x1_0000);
  private readonly view = this.memory.ranges[0]!.view;

  constructor(journal: Journal) {
    this.watch = new AnnounceWatch(this, journal, this.memory);
  }

  pictureOf(): null {
    return null;
  }

  place(place: RingPlace, { eventIdx = false, decoys = false } = {}): void {
    this.watch.eventIdx = eventIdx;
    this.watch.decoys = decoys;
    this.watch.placed(place);
  }

  /** The driver moves avail.idx. */
  publish(idx: number): void {
    this.view.setUint16(SPLIT.driver + 2, idx, true);
  }

  /** The device sets used.flags of a split ring, or the flags of its event structure. */
  ask(place: RingPlace, flags: number): void {
    this.view.setUint16(place.device + (place.packed ? 2 : 0), flags, true);
  }

  /** The device writes avail_event. */
  askFrom(idx: number): void {
    this.view.setUint16(SPLIT.device + 4 + 8 * SPLIT.size, idx, true);
  }

  /** The driver makes a packed ring's descriptor available, on its first or second lap. */
  expose(slot: number, lap: 1 | 2 = 1): void {
    this.mark(slot, lap === 1 ? AVAIL : USED);
  }

  /** The driver writes the flags of a packed ring's descriptor. */
  mark(slot: number, flags: number): void {
    this.view.setUint16(PACKED.desc + slot * 16 + 14, flags, true);
  }

  /** The driver kicks, and the device takes all there is. */
  kick(at: number): void {
    this.watch.kicked();
    this.watch.dry(at);
  }
}
